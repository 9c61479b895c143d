// What kinds of rooms there are, and what people are in them.

import type { Room } from '../api/client';
import { ONE_TO_ONE, PUBLIC } from '../call/room';
import { type Key, t } from '../text';
import type { IconName } from './Icon';

export function iconOf({ type }: Pick<Room, 'type'>): IconName {
  return type === ONE_TO_ONE ? 'person' : type === PUBLIC ? 'public' : 'people';
}

export function kindOf({ type }: Pick<Room, 'type'>): string {
  return t(type === ONE_TO_ONE ? 'kind.oneToOne' : type === PUBLIC ? 'kind.public' : 'kind.group');
}

export function roleOf(participantType: number): string {
  return t(`role.${participantType}` as Key);
}
