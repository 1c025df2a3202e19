import { parseAllDocuments, type Document, type Tags } from 'yaml';

/**
 * YAML as kubectl and Helm read it: YAML 1.1 (`0440` is octal, `on` is true) without its dates and
 * base-60 numbers. Documents keep comments and key order, so that they can be edited and printed.
 */
export function parseKubernetesYaml(text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text, { version: '1.1', customTags: withoutDates, prettyErrors: true });
  // For an empty stream the library returns an empty list with extra fields.
  return [...documents];
}

function withoutDates(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return tag !== 'timestamp' && tag !== 'intTime' && tag !== 'floatTime';
    return tag.tag !== 'tag:yaml.org,2002:timestamp' && tag.format !== 'TIME';
  });
}
