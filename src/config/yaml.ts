import {
  parseAllDocuments,
  visit,
  YAMLParseError,
  type Alias,
  type Document,
  type ScalarTag,
  type Tags,
} from 'yaml';

/**
 * Parses YAML as kubectl and Helm do: YAML 1.1 (`0440` is octal, `on` is true) without its dates and base-60 numbers,
 * and with Go's numbers (`0o440` is octal, `.` and `e3` are strings). Documents keep comments and key order, so that
 * they can be edited and printed.
 * @param exact reads integers as bigint, so that those beyond 2^53 keep every digit
 */
export function parseKubernetesYaml(text: string, { exact = false } = {}): Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: goTags,
    prettyErrors: true,
    intAsBigInt: exact,
  });
  for (const document of documents) document.errors.push(...cyclicAliases(document));
  // The library returns an empty list with extra fields for an empty stream.
  return [...documents];
}

/** Errors for aliases inside the value that they name: such a value would contain itself. */
function cyclicAliases(document: Document.Parsed): YAMLParseError[] {
  const errors: YAMLParseError[] = [];
  visit(document, {
    Alias(_, alias: Alias, path) {
      const value = alias.resolve(document);
      if (!path.some((outer) => outer === value)) return;
      const message = `*${alias.source} stands inside the value that it names`;
      errors.push(new YAMLParseError([0, 0], 'BAD_ALIAS', message));
    },
  });
  return errors;
}

/** The tags of YAML 1.1, changed to Go's reading. The library passes tag objects here, never names. */
function goTags(tags: Tags): Tags {
  const kept = tags.filter(
    (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME'),
  );
  return [...kept.map((tag) => (isFloat(tag) ? requireDigit(tag) : tag)), GO_INTEGER];
}

function isFloat(tag: Tags[number]): tag is ScalarTag & { readonly test: RegExp } {
  if (typeof tag === 'string' || !('test' in tag)) return false;
  return tag.tag === 'tag:yaml.org,2002:float' && !tag.test.test('.inf');
}

/** A float needs a digit before its exponent: the library would read `.` and `e3` as NaN. */
function requireDigit(tag: ScalarTag & { readonly test: RegExp }): ScalarTag {
  return { ...tag, test: new RegExp(`^(?=[^eE]*[0-9])${tag.test.source.slice(1)}`) };
}

/** The integers that Go's strconv accepts beyond those of YAML 1.1. */
const GO_INTEGER: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0(?:[oO]_*[0-7][0-7_]*|X_*[0-9a-fA-F][0-9a-fA-F_]*|B_*[01][01_]*)$/,
  resolve: (text, _onError, { intAsBigInt }) => {
    const digits = BigInt(text.replace(/^[-+]/, '').replaceAll('_', ''));
    const value = text.startsWith('-') ? -digits : digits;
    return intAsBigInt ? value : Number(value);
  },
};
