import {
  clone,
  type Effect,
  type Event,
  type NodeStep,
  type ProcessStep,
  type Trace,
  type TraceHeader,
  type TraceStep,
} from '../kernel/index.ts';
import type { Resident } from './resident.ts';

/** Writes down a run as a trace. Steps are copied, so that nothing that happens later changes them. */
export class Recorder {
  readonly #header: TraceHeader;
  readonly #steps: TraceStep[] = [];
  #choices: number[] = [];

  constructor(header: TraceHeader) {
    this.#header = header;
  }

  get trace(): Trace {
    return { header: this.#header, steps: this.#steps };
  }

  onChoice(choice: number): void {
    this.#choices.push(choice);
  }

  onStep(at: number, resident: Resident, event: Event, effects: readonly Effect[]): void {
    this.#add(at, resident, event, effects);
  }

  onError(at: number, resident: Resident, event: Event, error: unknown): void {
    this.#add(at, resident, event, [], error instanceof Error ? error.message : String(error));
  }

  onNode(step: NodeStep): void {
    this.#steps.push(step);
  }

  note(at: number, text: string): void {
    this.#steps.push({ at, type: 'note', text });
  }

  #add(at: number, resident: Resident, event: Event, effects: readonly Effect[], error?: string): void {
    const { now } = resident.context;
    const step: ProcessStep = {
      at,
      ...(now === at ? {} : { now }),
      process: resident.address,
      event,
      choices: this.#choices,
      effects,
      ...(error === undefined ? {} : { error }),
    };
    this.#choices = [];
    this.#steps.push(clone(step));
  }
}
