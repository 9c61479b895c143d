// What members of a call say to each other: anybody may send anything, so nothing is used before it was looked at.

/** The longest name that somebody is shown under. */
const MAX_NAME_CHARACTERS = 64;

type Fields = Record<string, unknown>;

/** A message of one member to another, as all clients of this API write them. */
export interface Message {
  type: string;
  roomType?: 'video' | 'screen';
  /** Names one connection, so that what belongs to a former one is passed over. */
  sid?: string;
  payload?: unknown;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A message, if what was sent is one. */
export function parsed(sent: unknown): Message | undefined {
  if (!isFields(sent) || typeof sent.type !== 'string') return undefined;
  const { type, roomType, sid, payload } = sent;
  return {
    type,
    ...((roomType === 'video' || roomType === 'screen') && { roomType }),
    ...(typeof sid === 'string' && { sid }),
    payload,
  };
}

/** The same for a text that was sent. */
export function parsedText(text: string): Message | undefined {
  try {
    return parsed(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The fields of a message; none when it has something else. */
export function fieldsOf({ payload }: Message): Fields {
  return isFields(payload) ? payload : {};
}

/** A name that somebody gives. */
export function nameIn(given: unknown): string | undefined {
  return typeof given === 'string' && given.trim() ? given.trim().slice(0, MAX_NAME_CHARACTERS) : undefined;
}
