import type { DirectedLink, Fault } from '../sim/index.ts';

/** A fault, as a person would say it. */
export function tellFault(fault: Fault): string {
  const at = `at ${ms(fault.atMs)}`;
  const length = 'forMs' in fault ? `, for ${ms(fault.forMs)}` : '';
  return `${at}${length}: ${what(fault)}`;
}

function what(fault: Fault): string {
  switch (fault.type) {
    case 'crash':
      return `${all(fault.nodes)} down`;
    case 'pause':
      return `${all(fault.nodes)} paused`;
    case 'slow':
      return `${all(fault.nodes)} slow, ${ms(fault.stepMs)} an event`;
    case 'partition':
      return `cut ${links(fault.links)}`;
    case 'disconnect':
      return `connections broken ${links(fault.links)}`;
    case 'degrade': {
      const narrow = fault.bytesPerSecond === undefined ? '' : `, ${Math.round(fault.bytesPerSecond)} bytes/s`;
      return `${Math.round(100 * fault.loss)}% loss, ${ms(fault.extraMs)} later${narrow}: ${links(fault.links)}`;
    }
    case 'slowDisk':
      return `disk of ${all(fault.nodes)} ${fault.factor.toFixed(1)} times slower`;
    case 'stallDisk':
      return `disk of ${all(fault.nodes)} stalled`;
    case 'fillDisk':
      return `disk of ${all(fault.nodes)} full`;
    case 'rotDisk':
      return `disk of ${all(fault.nodes)} rots`;
    case 'driftClock':
      return `clock of ${all(fault.nodes)} drifts by ${fault.driftPpm.toFixed(0)} ppm`;
    case 'jumpClock':
      return `clock of ${all(fault.nodes)} jumps by ${ms(fault.byMs)}`;
    default:
      return fault satisfies never;
  }
}

function ms(length: number): string {
  return `${Number(length.toFixed(1))} ms`;
}

function all(names: readonly string[]): string {
  return names.join(', ');
}

function links(directed: readonly DirectedLink[]): string {
  return directed.map(([from, to]) => `${from} -> ${to}`).join(', ');
}
