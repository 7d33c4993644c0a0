import { type Outline, outlineOf } from '../../src/server/config/outline.ts';
import { ConfigSchema } from '../../src/server/config/schema.ts';
import { generated, tableOf } from './markdown.ts';

const quoted = (words: readonly unknown[]) => words.map((word) => `\`${String(word)}\``).join(', ');

function typeText({ type, words, least, most, items }: Outline): string {
  if (words !== undefined) return quoted(words);
  if (items !== undefined) return 'list';
  if (type === 'any keys') return 'object';
  const range = least === undefined ? '' : most === undefined ? ` from ${least}` : ` ${least}-${most}`;
  return type + range;
}

function fallbackText({ fallback, required }: Outline): string {
  if (fallback !== undefined) return `\`${JSON.stringify(fallback)}\``;
  return required ? '*required*' : '';
}

/** The rows of one branch of a choice; `by` is the member that tells it from the others. */
function branchRows(branch: Outline, by: string, path: string): string[][] {
  const [word] = branch.members!.get(by)!.words!;
  return rows(branch, path, (member) => (member === by ? '' : `With \`${by}: ${String(word)}\`. `));
}

function rows(outline: Outline, path: string, condition: (key: string) => string = () => ''): string[][] {
  return [...(outline.members ?? [])].flatMap(([key, member]) => {
    const name = path === '' ? key : `${path}.${key}`;
    const inside = member.items ?? member;
    const prefix = member.items === undefined ? name : `${name}[]`;
    return [
      [`\`${name}\``, typeText(member), fallbackText(member), condition(key) + member.description],
      ...(inside.branches?.flatMap((branch) => branchRows(branch, inside.by!, prefix)) ?? rows(inside, prefix)),
    ];
  });
}

/** The configuration file, key by key. */
export function configurationPage(): string {
  const text =
    'A YAML file given to `coffer serve --config FILE`, and to `status` and `doctor`. Every key is optional unless marked *required*; unknown keys are refused. `[]` stands for each entry of a list. A list that is given replaces its default as a whole.';
  return `${generated('Configuration')}\n${text}\n\n${tableOf(['Key', 'Type', 'Default', 'Meaning'], rows(outlineOf(ConfigSchema), ''))}\n`;
}
