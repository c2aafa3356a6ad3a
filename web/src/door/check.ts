export const SHORTEST_PASSWORD = 8;

/** What is wrong with an address, as a key of the catalogue; empty when nothing is. The server decides in the end. */
export function wrongEmail(value: string): 'emailMissing' | 'emailNoAt' | 'emailNoDomain' | '' {
  const address = value.trim();
  if (address === '') return 'emailMissing';
  const at = address.indexOf('@');
  if (at < 1) return 'emailNoAt';
  return at === address.length - 1 ? 'emailNoDomain' : '';
}
