// How much of a camera is sent to each of the others: in a mesh everybody sends to everybody.

/** What an encoding of a sender takes. */
export interface Quality {
  scaleResolutionDownBy: number;
  /** Bits a second. */
  maxBitrate: number;
  maxFramerate: number;
}

/** The quality for a number of others. */
export function quality(others: number): Quality {
  if (others <= 1) return { scaleResolutionDownBy: 1, maxBitrate: 1_500_000, maxFramerate: 30 };
  if (others <= 3) return { scaleResolutionDownBy: 2, maxBitrate: 600_000, maxFramerate: 24 };
  if (others <= 5) return { scaleResolutionDownBy: 3, maxBitrate: 300_000, maxFramerate: 20 };
  return { scaleResolutionDownBy: 4, maxBitrate: 150_000, maxFramerate: 15 };
}

/** The most people of whom a mesh is made; with more of them, the page says so. */
export const MESH_PEOPLE = 8;
