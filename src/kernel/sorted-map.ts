/** The most keys of a leaf, and children of an inner node; at half as many or fewer a node is merged if it can be. */
const FANOUT = 32;

interface Leaf<V> {
  readonly keys: string[];
  readonly values: V[];
}

/** `keys[i]` is the lowest key that may be in `children[i + 1]`; everything below it is further left. */
interface Inner<V> {
  readonly keys: string[];
  readonly children: Node<V>[];
  /** How many entries are below. */
  size: number;
}

type Node<V> = Leaf<V> | Inner<V>;

/**
 * A map ordered by key, as `<` orders strings: a B+ tree (Bayer and McCreight, 1972; Comer, 1979) whose inner nodes
 * count the entries below them, so that ranks and ranges are counted in O(log n).
 *
 * It is plain data, to be cloned, compared and hashed like any other, as long as its values are. Its equality is that
 * of the tree and not of the entries: two maps of more than 32 entries that came by them differently may differ.
 *
 * Do not write to it while iterating over it: what an iterator under way then gives is undefined.
 */
export class SortedMap<V> {
  private root: Node<V> | null = null;

  get size(): number {
    return this.root === null ? 0 : sizeOf(this.root);
  }

  get(key: string): V | undefined {
    const leaf = this.leafFor(key);
    if (leaf === null) return undefined;
    const index = lowerBound(leaf.keys, key);
    return leaf.keys[index] === key ? leaf.values[index] : undefined;
  }

  has(key: string): boolean {
    const leaf = this.leafFor(key);
    return leaf !== null && leaf.keys[lowerBound(leaf.keys, key)] === key;
  }

  set(key: string, value: V): this {
    if (this.root === null) {
      this.root = { keys: [key], values: [value] };
      return this;
    }
    insert(this.root, key, value);
    if (isFull(this.root)) {
      const left = this.root;
      const { separator, right } = split(left);
      this.root = { keys: [separator], children: [left, right], size: sizeOf(left) + sizeOf(right) };
    }
    return this;
  }

  /** Whether the key was there. */
  delete(key: string): boolean {
    if (this.root === null || !remove(this.root, key)) return false;
    if (isLeaf(this.root)) {
      if (this.root.keys.length === 0) this.root = null;
    } else if (this.root.children.length === 1) {
      this.root = this.root.children[0] as Node<V>;
    }
    return true;
  }

  clear(): void {
    this.root = null;
  }

  /** The entry with the lowest key. */
  first(): [string, V] | undefined {
    for (const entry of this.entries()) return entry;
    return undefined;
  }

  /** The entry with the highest key. */
  last(): [string, V] | undefined {
    for (const entry of this.entriesBackward()) return entry;
    return undefined;
  }

  /** Entries with `from <= key < to`, lowest first; without `to`, up to the last. */
  *entries(from = '', to?: string): Generator<[string, V], void, undefined> {
    if (this.root === null) return;
    const path = new Path<V>();
    let leaf: Leaf<V> | null = path.descend(this.root, (keys) => upperBound(keys, from));
    let index = lowerBound(leaf.keys, from);
    while (leaf !== null) {
      const { keys, values }: Leaf<V> = leaf;
      const end = to === undefined ? keys.length : lowerBound(keys, to);
      for (; index < end; index += 1) yield [keys[index] as string, values[index] as V];
      if (end < keys.length) return;
      leaf = path.move(1);
      index = 0;
    }
  }

  /** Entries with `from <= key < to`, highest first; without `to`, from the last. */
  *entriesBackward(from = '', to?: string): Generator<[string, V], void, undefined> {
    if (this.root === null) return;
    const path = new Path<V>();
    let leaf: Leaf<V> | null = path.descend(this.root, (keys) =>
      to === undefined ? keys.length : lowerBound(keys, to),
    );
    let end = to === undefined ? leaf.keys.length : lowerBound(leaf.keys, to);
    while (leaf !== null) {
      const { keys, values }: Leaf<V> = leaf;
      const start = lowerBound(keys, from);
      for (let index = end - 1; index >= start; index -= 1) yield [keys[index] as string, values[index] as V];
      if (start > 0) return;
      leaf = path.move(-1);
      end = leaf?.keys.length ?? 0;
    }
  }

  /** How many keys are lower than this one. */
  rank(key: string): number {
    let node = this.root;
    if (node === null) return 0;
    let below = 0;
    while (!isLeaf(node)) {
      const index = upperBound(node.keys, key);
      for (let left = 0; left < index; left += 1) below += sizeOf(node.children[left] as Node<V>);
      node = node.children[index] as Node<V>;
    }
    return below + lowerBound(node.keys, key);
  }

  /** How many keys there are with `from <= key < to`. */
  countRange(from: string, to: string): number {
    return from < to ? this.rank(to) - this.rank(from) : 0;
  }

  private leafFor(key: string): Leaf<V> | null {
    let node = this.root;
    if (node === null) return null;
    while (!isLeaf(node)) node = node.children[upperBound(node.keys, key)] as Node<V>;
    return node;
  }
}

function isLeaf<V>(node: Node<V>): node is Leaf<V> {
  return 'values' in node;
}

function sizeOf<V>(node: Node<V>): number {
  return isLeaf(node) ? node.keys.length : node.size;
}

function isFull<V>(node: Node<V>): boolean {
  return isLeaf(node) ? node.keys.length > FANOUT : node.children.length > FANOUT;
}

/** The index of the first key that is not below this one. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the first key above this one. */
function upperBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The way from the root down to a leaf, from which its neighbours are found. */
class Path<V> {
  readonly #inners: Inner<V>[] = [];
  readonly #indexes: number[] = [];

  /** Goes down to a leaf, at each inner node to the child that is chosen by its keys. */
  descend(from: Node<V>, choose: (keys: readonly string[]) => number): Leaf<V> {
    let node = from;
    while (!isLeaf(node)) {
      const index = choose(node.keys);
      this.#inners.push(node);
      this.#indexes.push(index);
      node = node.children[index] as Node<V>;
    }
    return node;
  }

  /** Goes to the next leaf, or the one before; null if there is none. */
  move(direction: 1 | -1): Leaf<V> | null {
    for (let inner = this.#inners.pop(); inner !== undefined; inner = this.#inners.pop()) {
      const index = (this.#indexes.pop() as number) + direction;
      const child = inner.children[index];
      if (child === undefined) continue;
      this.#inners.push(inner);
      this.#indexes.push(index);
      return this.descend(child, (keys) => (direction === 1 ? 0 : keys.length));
    }
    return null;
  }
}

/** Whether the key is new. May leave the node one over full, which is its parent's to mend. */
function insert<V>(node: Node<V>, key: string, value: V): boolean {
  if (isLeaf(node)) {
    const at = lowerBound(node.keys, key);
    if (node.keys[at] === key) {
      node.values[at] = value;
      return false;
    }
    node.keys.splice(at, 0, key);
    node.values.splice(at, 0, value);
    return true;
  }
  const index = upperBound(node.keys, key);
  const child = node.children[index] as Node<V>;
  const added = insert(child, key, value);
  if (added) node.size += 1;
  if (isFull(child)) {
    const { separator, right } = split(child);
    node.keys.splice(index, 0, separator);
    node.children.splice(index + 1, 0, right);
  }
  return added;
}

/** Moves the upper half of a node to a new one on its right. */
function split<V>(node: Node<V>): { readonly separator: string; readonly right: Node<V> } {
  if (isLeaf(node)) {
    const middle = node.keys.length >>> 1;
    const right = { keys: node.keys.splice(middle), values: node.values.splice(middle) };
    return { separator: right.keys[0] as string, right };
  }
  const middle = node.children.length >>> 1;
  const children = node.children.splice(middle);
  const keys = node.keys.splice(middle);
  const separator = node.keys.pop() as string;
  let size = 0;
  for (const child of children) size += sizeOf(child);
  node.size -= size;
  return { separator, right: { keys, children, size } };
}

/** Whether the key was there. May leave the node less than half full, which is its parent's to mend. */
function remove<V>(node: Node<V>, key: string): boolean {
  if (isLeaf(node)) {
    const at = lowerBound(node.keys, key);
    if (node.keys[at] !== key) return false;
    node.keys.splice(at, 1);
    node.values.splice(at, 1);
    return true;
  }
  const index = upperBound(node.keys, key);
  if (!remove(node.children[index] as Node<V>, key)) return false;
  node.size -= 1;
  mend(node, index);
  return true;
}

/** Merges a child that is less than half full with a neighbour if both fit into one; else it may stay so. */
function mend<V>(parent: Inner<V>, index: number): void {
  if (width(parent.children[index]) >= FANOUT / 2) return;
  if (fits(parent.children[index - 1], parent.children[index])) merge(parent, index - 1);
  else if (fits(parent.children[index], parent.children[index + 1])) merge(parent, index);
}

function width<V>(node: Node<V> | undefined): number {
  if (node === undefined) return 0;
  return isLeaf(node) ? node.keys.length : node.children.length;
}

function fits<V>(left: Node<V> | undefined, right: Node<V> | undefined): boolean {
  return left !== undefined && right !== undefined && width(left) + width(right) <= FANOUT;
}

/** Appends a child's right neighbour to it. */
function merge<V>(parent: Inner<V>, index: number): void {
  const left = parent.children[index] as Node<V>;
  const right = parent.children[index + 1] as Node<V>;
  const [separator] = parent.keys.splice(index, 1);
  parent.children.splice(index + 1, 1);
  if (isLeaf(left) && isLeaf(right)) {
    left.keys.push(...right.keys);
    left.values.push(...right.values);
  } else if (!isLeaf(left) && !isLeaf(right)) {
    left.keys.push(separator as string, ...right.keys);
    left.children.push(...right.children);
    left.size += right.size;
  }
}
