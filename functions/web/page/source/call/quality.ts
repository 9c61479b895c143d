// How much of a camera is taken and sent: in a mesh everybody sends to everybody.

export interface Quality {
  /** Pixels across; a picture has nine of height for sixteen of them. */
  width: number;
  /** Bits a second, to each of the others. */
  bitrate: number;
  /** Frames a second. */
  framerate: number;
}

/** The quality for a number of others. */
export function quality(others: number): Quality {
  if (others <= 1) return { width: 1280, bitrate: 1_500_000, framerate: 30 };
  if (others <= 3) return { width: 640, bitrate: 600_000, framerate: 24 };
  if (others <= 5) return { width: 480, bitrate: 300_000, framerate: 20 };
  return { width: 320, bitrate: 150_000, framerate: 12 };
}

/** The most people of whom a mesh is made; with more of them, the page says so. */
export const MESH_PEOPLE = 8;
