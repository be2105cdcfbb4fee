/** The elements of an XML document, found by rules that are stricter than XML's: whatever passes here is well formed. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of the element itself, with entities resolved. */
  text: string;
  readonly children: XmlElement[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** @throws {Error} that says what is not well formed */
export function parseXml(document: string): XmlElement {
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(document)?.[0];
  if (declaration === undefined) throw new Error('the document has no declaration');
  // What XML 1.0 calls Char, without the surrogates that belong to none.
  if (!document.isWellFormed() || /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(document))
    throw new Error('the document has characters that XML has not');
  const root: XmlElement = { name: '', attributes: {}, text: '', children: [] };
  const open = [root];
  const token = /<(\/?)([A-Za-z][\w-]*)((?: [A-Za-z][\w:-]*="[^"<]*")*)(\/?)>|([^<]+)/y;
  token.lastIndex = declaration.length;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const [whole, closing, name = '', attributes = '', single, text] = token.exec(document) ?? [];
    const inside = open.at(-1) as XmlElement;
    if (whole === undefined) throw new Error(`neither a tag nor a text: ${document.slice(at, at + 40)}`);
    if (text !== undefined) inside.text += resolved(text);
    else if (closing) {
      if (inside.name !== name) throw new Error(`</${name}> closes <${inside.name}>`);
      open.pop();
    } else {
      const pairs = [...attributes.matchAll(/ ([^=]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        resolved(value),
      ]);
      if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`<${name}> has an attribute twice`);
      const element = { name, attributes: Object.fromEntries(pairs) as Record<string, string>, text: '', children: [] };
      inside.children.push(element);
      if (!single) open.push(element);
    }
  }
  if (open.length > 1 || root.children.length !== 1 || root.text.trim() !== '')
    throw new Error(`${open.length - 1} elements are left open, and there are ${root.children.length} roots`);
  return root.children[0] as XmlElement;
}

/** This element and all inside it, in the order of the document. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(elementsOf)];
}

function resolved(text: string): string {
  return text.replace(/&([^;]*;?)/g, (entity, name: string) => {
    const character = ENTITIES[name.replace(/;$/, '')];
    if (character === undefined || !name.endsWith(';')) throw new Error(`no such entity: ${entity}`);
    return character;
  });
}
