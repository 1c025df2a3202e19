import { parseVersion } from '../../src/teleport/version.ts';

const ANY = '\\d{1,6}';
const PRE_RELEASE = '(-[0-9A-Za-z.-]+)?';

/** Matches a release of tbot that is `minimum` or newer; a pre-release counts as the release it leads to. */
export function releasesFrom(minimum: string): string {
  const version = parseVersion(minimum);
  if (version === undefined) throw new Error(`found ${minimum}; expected a release such as 18.8.1`);
  const [major, minor, patch] = version;
  const newer = [
    `${above(major)}\\.${ANY}\\.${ANY}`,
    `${major}\\.${above(minor)}\\.${ANY}`,
    `${major}\\.${minor}\\.(${patch}|${above(patch)})`,
  ];
  return `^(${newer.join('|')})${PRE_RELEASE}$`;
}

/** Matches whole numbers of up to six digits that are greater: one digit is greater, or there are more of them. */
function above(number: number): string {
  const digits = String(number);
  const greater = Array.from(digits, (digit, index) => {
    const next = Number(digit) + 1;
    return next > 9 ? [] : [`${digits.slice(0, index)}[${next}-9]${'\\d'.repeat(digits.length - index - 1)}`];
  });
  return `(${[...greater.flat(), `[1-9]\\d{${digits.length},5}`].join('|')})`;
}
