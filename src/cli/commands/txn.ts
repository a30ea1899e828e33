import { readFile } from 'node:fs/promises';
import type { OperationResult } from '../../client/index.ts';
import { type Command, CommandFailure, EXIT } from '../command.ts';
import { toJsonLine, txnToJson } from '../json.ts';
import { ENDPOINT_FLAGS, withStore } from '../store-access.ts';
import { parseTxn, TXN_SCRIPT_HELP } from '../txn-script.ts';
import { utf8Text } from '../utf8-text.ts';

export const txn: Command = {
  name: 'txn',
  summary: 'Execute a mini-transaction, read from stdin or a file',
  arguments: [],
  flags: { file: { value: 'FILE', help: 'read it from FILE, instead of stdin' }, ...ENDPOINT_FLAGS },
  notes: `
${TXN_SCRIPT_HELP}

Prints which side was executed, and what each of its operations gave. Example:

  printf 'if version lock = 0\\nthen put lock me\\nelse get lock\\n' | $0 txn
`,
  async run(given, terminal) {
    const file = given.text('file');
    const script = parseTxn(file === undefined ? await terminal.input() : await read(file));
    const result = await withStore(given, terminal, (store) => store.commit(script));
    if (given.has('json')) {
      await terminal.write(toJsonLine(txnToJson(result)));
    } else {
      await terminal.write(`${result.succeeded ? 'then' : 'else'}, at revision ${result.revision}\n`);
      for (const each of result.results) await terminal.write(describe(each));
    }
    return EXIT.ok;
  },
};

function describe(result: OperationResult): Uint8Array {
  switch (result.type) {
    case 'get':
      return Buffer.concat(result.kvs.flatMap(({ key, value }) => [key, Buffer.from('\t'), value, Buffer.from('\n')]));
    case 'put':
      return Buffer.from('put\n');
    case 'delete':
      return Buffer.from(`deleted ${result.deleted}\n`);
    case 'txn':
      return Buffer.concat(result.results.map(describe));
    default:
      return result satisfies never;
  }
}

async function read(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new CommandFailure(`cannot read the transaction: ${error instanceof Error ? error.message : error}`);
  });
  return utf8Text(bytes, `'${file}'`);
}
