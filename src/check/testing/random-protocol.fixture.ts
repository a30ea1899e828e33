import { type Address, address, type NodeDefinition, type NodeId, Process, Random } from '../../kernel/index.ts';

type Signal = { readonly type: 'signal'; readonly kind: number };

/** What a process does on one kind of event in one of its states. */
interface Rule {
  readonly state: number;
  readonly sends: readonly { readonly to: Address; readonly kind: number }[];
  readonly persists: boolean;
  readonly early: boolean;
  readonly setsTimer: boolean;
}

const STATES = 3;
const KINDS = 2;
/** Events that a process acts on in one life: so runs end. */
const ACTS_MAX = 3;

/** Follows a table; persists its state now and then, and comes back with what it persisted last. */
class Automaton extends Process<Signal, 'timer', number> {
  state = 0;
  acts = 0;
  readonly rules: readonly (readonly (Rule | null)[])[];

  constructor(rules: readonly (readonly (Rule | null)[])[]) {
    super();
    this.rules = rules;
  }

  override onRecord(state: number): void {
    this.state = state;
  }

  override onStart(): void {
    this.follow(KINDS);
  }

  override onMessage(_from: Address, { kind }: Signal): void {
    this.follow(kind);
  }

  override onTimer(): void {
    this.follow(KINDS);
  }

  private follow(event: number): void {
    const rule = this.rules[this.state]?.[event];
    if (!rule || this.acts >= ACTS_MAX) return;
    this.acts += 1;
    this.state = rule.state;
    if (rule.persists) this.persist(rule.state);
    for (const { to, kind } of rule.sends) this.send(to, { type: 'signal', kind }, { early: rule.early });
    if (rule.setsTimer) this.setTimer('timer', 10);
  }
}

/** Nodes that follow tables drawn from a seed. */
export function randomProtocol(seed: number, names: readonly NodeId[]): Map<NodeId, NodeDefinition> {
  const random = new Random(seed);
  return new Map(
    names.map((node) => {
      const rules = drawRules(random, names);
      return [node, () => new Map([['', new Automaton(rules)]])];
    }),
  );
}

/** Some events are ignored in some states: then nothing changes. */
function drawRules(random: Random, names: readonly NodeId[]): (Rule | null)[][] {
  const draw = (): Rule => ({
    state: random.integer(STATES),
    sends: Array.from({ length: random.integer(3) }, () => ({
      to: address(random.pick(names)),
      kind: random.integer(KINDS),
    })),
    persists: random.chance(0.6),
    early: random.chance(0.6),
    setsTimer: random.chance(0.2),
  });
  return Array.from({ length: STATES }, () =>
    Array.from({ length: KINDS + 1 }, () => (random.chance(0.3) ? null : draw())),
  );
}
