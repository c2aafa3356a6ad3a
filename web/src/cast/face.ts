/** The linocut initial of a person or place: rays carved around a disc, the same for a seed each time. */
const COLOURS = ['#9a4122', '#3a5366', '#4f6145', '#4a4038', '#8a6420'] as const;
const WIDTH = 64;
const HEIGHT = 80;
const DISC = 21;

export type Face = { colour: string; rays: string; width: number; height: number; disc: number };

export function drawFace(seed: number): Face {
  const chance = dice(seed);
  const rays: string[] = [];
  for (const [from, count] of [[DISC + 3, 30], [DISC + 18, 40]] as const) {
    for (let ray = 0; ray < count; ray += 1) {
      const angle = (2 * Math.PI * (ray + 0.5 * chance())) / count;
      rays.push(stroke(angle, from + 2.5 * chance(), 11 + 6 * chance()));
    }
  }
  return { colour: COLOURS[seed % COLOURS.length] ?? COLOURS[0], rays: rays.join(''), width: WIDTH, height: HEIGHT, disc: DISC };
}

/** A cut of the gouge: thick in its middle, pointed at both ends. */
function stroke(angle: number, from: number, length: number): string {
  const at = (reach: number, aside: number): string => {
    const x = WIDTH / 2 + reach * Math.cos(angle) - aside * Math.sin(angle);
    const y = HEIGHT / 2 + reach * Math.sin(angle) + aside * Math.cos(angle);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  const middle = from + length / 2;
  return `M${at(from, 0)}Q${at(middle, 1)} ${at(from + length, 0)}Q${at(middle, -0.9)} ${at(from, 0)}Z`;
}

/** Numbers from 0 to 1, the same row for a seed (xorshift, Marsaglia 2003). */
function dice(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
