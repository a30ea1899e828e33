import type { FailureKind } from './scenario.ts';

/** What each kind of failure is called in reports. */
export const KIND_NAMES: Readonly<Record<FailureKind, string>> = {
  overheating: 'rack overheats',
  powerUnit: 'power unit fails',
  rackMove: 'racks are moved',
  rewiring: 'machine rewired',
  rackFailure: 'rack fails',
  lossyRack: 'rack loses messages',
  connectivityLoss: 'minute of bad maintenance',
  routerReload: 'router reloads',
  routerFailure: 'router fails',
  blip: '30-second blip',
  machineFailure: 'machine fails',
  diskFailure: 'disk fails',
};

/** A length of time in the unit that suits it. */
export function lengthOf(ms: number): string {
  const seconds = ms / 1000;
  if (seconds === 0) return '–';
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  if (seconds < 6000) return `${(seconds / 60).toFixed(1)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(4)}%`;
}

export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}
