import { parseAllDocuments, visit, YAMLParseError, type Alias, type Document, type Tags } from 'yaml';

/**
 * YAML as kubectl and Helm read it: YAML 1.1 (`0440` is octal, `on` is true) without its dates and
 * base-60 numbers. Documents keep comments and key order, so that they can be edited and printed.
 * @param exact whole numbers as bigint, so that those beyond 2^53 keep every digit
 */
export function parseKubernetesYaml(text: string, { exact = false } = {}): Document.Parsed[] {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: withoutDates,
    prettyErrors: true,
    intAsBigInt: exact,
  });
  for (const document of documents) document.errors.push(...endlessValues(document));
  // For an empty stream the library returns an empty list with extra fields.
  return [...documents];
}

/** An alias inside the very value that it stands for: read as it says, that value would hold itself. */
function endlessValues(document: Document.Parsed): YAMLParseError[] {
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

/** The library hands over the tags of YAML 1.1 themselves, never by their names. */
function withoutDates(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME'),
  );
}
