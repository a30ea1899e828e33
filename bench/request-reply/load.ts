/** What a closed loop of callers got. */
export interface Sample {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly failures: number;
  /** Of this process, the client's side, per call. */
  readonly clientCpuUs: number;
  /** Of the servers' process. */
  readonly serverCpuUs: number;
}

/** Keeps so many calls under way for a while, after some to warm up, and measures each. */
export async function drive(
  call: () => Promise<unknown>,
  { inFlight, seconds, serverCpuUs }: { inFlight: number; seconds: number; serverCpuUs: () => Promise<number> },
): Promise<Sample> {
  await loop(call, inFlight, seconds / 4);
  const serverBefore = await serverCpuUs();
  const cpu = process.cpuUsage();
  const { latencies, failures, elapsedS } = await loop(call, inFlight, seconds);
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number): number => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN) * 1000;
  return {
    perSecond: latencies.length / elapsedS,
    p50Us: at(0.5),
    p99Us: at(0.99),
    failures,
    clientCpuUs: (user + system) / Math.max(1, latencies.length),
    serverCpuUs: ((await serverCpuUs()) - serverBefore) / Math.max(1, latencies.length),
  };
}

async function loop(call: () => Promise<unknown>, inFlight: number, seconds: number) {
  const latencies: number[] = [];
  let failures = 0;
  const began = performance.now();
  const until = began + seconds * 1000;
  const caller = async (): Promise<void> => {
    for (let from = performance.now(); from < until; ) {
      try {
        await call();
      } catch {
        failures += 1;
      }
      const now = performance.now();
      latencies.push(now - from);
      from = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { latencies, failures, elapsedS: (performance.now() - began) / 1000 };
}
