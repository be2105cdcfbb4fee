/**
 * What one module names from outside itself: other modules (by import, re-export, dynamic or type import, `new URL` and
 * `import.meta.resolve`) and globals. Read from a syntax tree, so that comments and strings never count.
 */
import { parseSync } from 'oxc-parser';
import { declaredNames, isNode, isReference, type Node, walk } from './syntax.ts';

export type EdgeKind = 'import' | 'type' | 'dynamic' | 'url';

export interface Edge {
  readonly kind: EdgeKind;
  /** `undefined` where the specifier is computed at run time. */
  readonly specifier: string | undefined;
  readonly at: string;
}

export interface GlobalUse {
  readonly name: string;
  readonly at: string;
}

export interface ModuleFacts {
  readonly edges: readonly Edge[];
  readonly globals: readonly GlobalUse[];
}

/**
 * @param path where the module stands, for messages and for its language (`.ts`, `.js`)
 * @throws SyntaxError if the source does not parse
 */
export function readModule(path: string, source: string): ModuleFacts {
  const parsed = parseSync(path, source);
  const [failure] = parsed.errors;
  if (failure) throw new SyntaxError(`${path}: ${failure.message}`);

  const program: unknown = parsed.program;
  if (!isNode(program)) throw new TypeError(`${path}: the parser gave no program`);
  const own = declaredNames(program);
  const edges: Edge[] = [];
  const globals: GlobalUse[] = [];
  const place = (node: Node): string => `${path}:${position(source, node.start)}`;

  walk(program, (node, parent, field) => {
    const edge = edgeOf(node);
    if (edge) edges.push({ ...edge, at: place(node) });
    if (node.type === 'Identifier' && isReference(parent, field) && !own.has(String(node.name))) {
      globals.push({ name: String(node.name), at: place(node) });
    }
    const member = memberOf(node, 'globalThis');
    if (member !== undefined && !own.has('globalThis')) globals.push({ name: member, at: place(node) });
  });
  return { edges, globals };
}

function edgeOf(node: Node): Omit<Edge, 'at'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return { kind: node.importKind === 'type' ? 'type' : 'import', specifier: textOf(node.source) };
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      if (!isNode(node.source)) return undefined;
      return { kind: node.exportKind === 'type' ? 'type' : 'import', specifier: textOf(node.source) };
    case 'TSImportType':
      return { kind: 'type', specifier: textOf(node.source ?? node.argument) };
    case 'TSExternalModuleReference':
      return { kind: 'import', specifier: textOf(node.expression) };
    case 'ImportExpression':
      return { kind: 'dynamic', specifier: textOf(node.source) };
    case 'NewExpression': {
      const [first, second] = Array.isArray(node.arguments) ? node.arguments : [];
      const isUrl = isNode(node.callee) && node.callee.type === 'Identifier' && node.callee.name === 'URL';
      const specifier = textOf(first);
      if (!isUrl || specifier === undefined || !isNode(second) || !isImportMeta(second.object)) return undefined;
      return { kind: 'url', specifier };
    }
    case 'CallExpression': {
      const callee = node.callee;
      if (!isNode(callee) || callee.type !== 'MemberExpression' || !isImportMeta(callee.object)) return undefined;
      const [first] = Array.isArray(node.arguments) ? node.arguments : [];
      return { kind: 'dynamic', specifier: textOf(first) };
    }
    default:
      return undefined;
  }
}

function isImportMeta(value: unknown): boolean {
  return isNode(value) && value.type === 'MetaProperty' && isNode(value.meta) && value.meta.name === 'import';
}

/** The member's name if `node` is `object.name` or `object['name']`. */
function memberOf(node: Node, object: string): string | undefined {
  if (node.type !== 'MemberExpression' || !isNode(node.object) || !isNode(node.property)) return undefined;
  if (node.object.type !== 'Identifier' || node.object.name !== object) return undefined;
  return node.computed === true ? textOf(node.property) : String(node.property.name);
}

/** The text of a string literal, or of a template without placeholders. */
function textOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'TSLiteralType') return textOf(value.literal);
  if (value.type === 'Literal') return typeof value.value === 'string' ? value.value : undefined;
  if (value.type !== 'TemplateLiteral' || !Array.isArray(value.quasis) || value.quasis.length !== 1) return undefined;
  const cooked: unknown = value.quasis[0]?.value?.cooked;
  return typeof cooked === 'string' ? cooked : undefined;
}

/** Line and column (both from 1) of an offset. */
function position(source: string, offset: number): string {
  const before = source.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}
