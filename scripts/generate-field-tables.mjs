/**
 * Writes src/kubernetes/pod-fields.ts and src/kubernetes/policy-fields.ts: the fields of a Pod and of a
 * PodSecurityPolicy with their types, taken from the `kubernetes-models` package, which is made from Kubernetes' own
 * OpenAPI documents. Structure and required fields come from its declarations; the width of an integer is asked of its
 * validators, since the declarations say `number` for all of them.
 *
 * Run `node scripts/generate-field-tables.mjs` after an update of that package, and commit what it writes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');

/** Types that the decoder knows by themselves, by the end of their OpenAPI name. */
const LEAVES = new Map([
  ['ResourceQuantity', 'quantity'],
  ['IntstrIntOrString', 'intOrString'],
  ['MetaV1Time', 'time'],
  ['MetaV1MicroTime', 'time'],
  ['MetaV1FieldsV1', 'any'],
]);

/** What says of which type an object is; a template has none, and an object without is refused before decoding. */
const TYPE_META = new Set(['apiVersion', 'kind']);

/** `IIoK8sApiCoreV1Container` → where its declaration stands and what its schema is called. */
function source(name) {
  const schema = name.slice(1);
  const core = /^IIoK8sApi(Core|PolicyV1beta1)(?:V1)?(?=[A-Z])/.exec(name);
  const meta = /^IIoK8sApimachineryPkgApisMetaV1/.exec(name);
  if (meta !== null) {
    const base = path.join(modules, '@kubernetes-models/apimachinery');
    const type = name.slice(meta[0].length);
    return {
      type,
      declaration: path.join(base, 'apis/meta/v1', `${type}.d.ts`),
      validator: path.join(base, '_schemas', `${schema}.js`),
    };
  }
  if (core === null) throw new Error(`no source is known for ${name}`);
  const base = path.join(modules, 'kubernetes-models');
  const type = name.slice(core[0].length);
  const folder = core[1] === 'Core' ? 'v1' : 'policy/v1beta1';
  return {
    type,
    declaration: path.join(base, folder, `${type}.d.ts`),
    validator: path.join(base, '_schemas', `${schema}.js`),
  };
}

/** The members of the interface in a declaration file: `{name, required, type}` with the type as written there. */
function members(type, file) {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const start = text.search(new RegExp(`interface I${type} (extends TypeMeta )?\\{`));
  const body = text.slice(start, text.indexOf('\n}', start));
  const found = [];
  for (const match of body.matchAll(/^ {4}"([^"]+)"(\??): ((?:\{[^}]*\}|[^;{])+);/gm)) {
    found.push({
      name: match[1],
      required: match[2] === '' && !TYPE_META.has(match[1]),
      type: match[3].replace(/\s+/g, ' '),
    });
  }
  if (found.length === 0) throw new Error(`nothing found for ${type} in ${file}`);
  return found;
}

async function width(validator, name, wrap) {
  const { validate } = await import(pathToFileURL(validator).href);
  const complains = (value, keyword) => {
    validate({ [name]: wrap(value) });
    return (validate.errors ?? []).some(
      (e) => e.instancePath.startsWith(`/${name}`) && e.keyword === keyword,
    );
  };
  if (!complains(1.5, 'type')) return 'double';
  return complains(2 ** 40, 'format') ? 'int32' : 'int64';
}

/** A declared type in the table's notation: `[]` before a list's element, `{}` before a map's value. */
async function notation(declared, validator, name, queue, prefix = '', wrap = (value) => value) {
  const list = /^Array<(.*)>$/.exec(declared);
  if (list !== null)
    return notation(list[1], validator, name, queue, `${prefix}[]`, (value) => wrap([value]));
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(declared);
  if (map !== null)
    return notation(map[1], validator, name, queue, `${prefix}{}`, (value) => wrap({ x: value }));
  if (declared === 'string' || declared.startsWith('"')) return `${prefix}string`;
  if (declared === 'boolean') return `${prefix}bool`;
  if (declared === 'number') return prefix + (await width(validator, name, wrap));
  const leaf = [...LEAVES].find(([end]) => declared.endsWith(end));
  if (leaf !== undefined) return prefix + leaf[1];
  if (declared.startsWith('IIo')) {
    queue.push(declared);
    return prefix + source(declared).type;
  }
  throw new Error(`${name}: no notation for ${declared}`);
}

async function table(rootType) {
  const types = new Map();
  const queue = [rootType];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const { type, declaration, validator } = source(name);
    if (types.has(type)) continue;
    types.set(type, []);
    for (const member of members(type, declaration)) {
      const kind = await notation(member.type, validator, member.name, queue);
      types.get(type).push(`${member.name}${member.required ? '!' : ''}:${kind}`);
    }
  }
  return new Map([...types].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function write(file, constant, what, types) {
  const version = JSON.parse(
    readFileSync(path.join(modules, 'kubernetes-models/package.json'), 'utf8'),
  ).version;
  const lines = [...types].map(([type, fields]) => `  ${type}:\n    '${fields.join(' ')}',`);
  writeFileSync(
    path.join(root, file),
    `/**\n * ${what}, by type: \`name:type\`, \`!\` marks a required field, \`[]\` a list, \`{}\` a map.\n` +
      ` * Made by scripts/generate-field-tables.mjs from kubernetes-models ${version}; don't edit.\n */\n` +
      `export const ${constant}: Readonly<Record<string, string>> = {\n${lines.join('\n')}\n};\n`,
  );
}

write(
  'src/kubernetes/pod-fields.ts',
  'POD_FIELDS',
  'The fields of a v1 Pod and of all it contains',
  await table('IIoK8sApiCoreV1Pod'),
);
write(
  'src/kubernetes/policy-fields.ts',
  'POLICY_FIELDS',
  'The fields of a policy/v1beta1 PodSecurityPolicy and of all it contains',
  await table('IIoK8sApiPolicyV1beta1PodSecurityPolicy'),
);
