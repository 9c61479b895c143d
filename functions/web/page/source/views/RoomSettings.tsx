// A room and its people: what members read of it, and what moderators change.

import { useEffect, useRef, useState } from 'preact/hooks';
import { account } from '../api/account';
import { api, content, type Participant, TALK } from '../api/client';
import type { Member } from '../call/members';
import { GUEST, MEMBER, MODERATOR, ONE_TO_ONE, OWNER, PUBLIC, RoomStore, SELF_JOINED } from '../call/room';
import { Avatar } from '../parts/Avatar';
import { Dialog } from '../parts/Dialog';
import { Field } from '../parts/Field';
import { Finder } from '../parts/Finder';
import { Icon } from '../parts/Icon';
import { roleOf } from '../parts/kinds';
import { copyLink, linkTo } from '../parts/link';
import { go } from '../parts/route';
import { attempt } from '../parts/saying';
import { t } from '../text';

export function RoomDialog({ token, close }: { token: string; close(): void }) {
  const [store] = useState(() => new RoomStore(token));
  useEffect(() => void store.load(), [store]);
  return (
    <Dialog title={store.room.value?.displayName ?? t('room')} close={close}>
      <RoomPanel store={store} members={[]} gone={close} />
    </Dialog>
  );
}

/** What is done with a room, each time followed by a look at it. */
function deeds(store: RoomStore) {
  const params = { path: { token: store.token } };
  const then = (work: () => Promise<unknown>, done?: string) => attempt(async () => { await work(); await store.load(); }, done);
  return {
    rename: (roomName: string) => then(() => content(api.PUT(`${TALK}/room/{token}`, { params, body: { roomName } })), t('saved')),
    describe: (description: string) => then(
      () => content(api.PUT(`${TALK}/room/{token}/description`, { params, body: { description } })), t('saved')),
    protect: (password: string) => then(
      () => content(api.PUT(`${TALK}/room/{token}/password`, { params, body: { password } })),
      password ? t('password.set') : t('password.removed')),
    open: () => then(() => content(api.POST(`${TALK}/room/{token}/public`, { params }))),
    shut: () => then(() => content(api.DELETE(`${TALK}/room/{token}/public`, { params }))),
    invite: (newParticipant: string, name: string) => then(
      () => content(api.POST(`${TALK}/room/{token}/participants`, { params, body: { newParticipant } })), t('invited', { name })),
    promote: (participant: string) => then(
      () => content(api.POST(`${TALK}/room/{token}/moderators`, { params, body: { participant } }))),
    demote: (participant: string) => then(
      () => content(api.DELETE(`${TALK}/room/{token}/moderators`, { params: { ...params, query: { participant } } }))),
    remove: (participant: string) => then(
      () => content(api.DELETE(`${TALK}/room/{token}/participants`, { params: { ...params, query: { participant } } }))),
    removeGuest: (participant: string) => then(
      () => content(api.DELETE(`${TALK}/room/{token}/participants/guests`, { params: { ...params, query: { participant } } }))),
    leave: () => attempt(() => content(api.DELETE(`${TALK}/room/{token}/participants/self`, { params }))),
    destroy: () => attempt(() => content(api.DELETE(`${TALK}/room/{token}`, { params }))),
  };
}

type Deeds = ReturnType<typeof deeds>;

/** `members` are those of the call, by whom guests have names; `gone` is called when one has left the room for good. */
export function RoomPanel({ store, members, gone }: { store: RoomStore; members: Member[]; gone(): void }) {
  const room = store.room.value;
  const does = deeds(store);
  if (!room) return <p class="quiet" role="status">{t('loading')}</p>;
  const isModerator = store.isModerator;
  return (
    <div class="panel">
      {room.type === PUBLIC && <LinkField token={room.token} />}
      {isModerator && room.type !== ONE_TO_ONE && <Words store={store} does={does} />}
      {isModerator && <Access store={store} does={does} />}
      <People store={store} does={does} members={members} />
      {store.isMember && (
        <section class="ends">
          <Sure label={t('room.leave')} question={t('room.leaveSure')} act={async () => { if (await does.leave()) { gone(); go('/'); } }} />
          {isModerator && (
            <Sure label={t('room.delete')} question={t('room.deleteSure')} act={async () => { if (await does.destroy()) { gone(); go('/'); } }} />
          )}
        </section>
      )}
    </div>
  );
}

function LinkField({ token }: { token: string }) {
  return (
    <section class="with-button">
      <Field label={t('link')} value={linkTo(token)} readOnly change={() => {}} onFocus={({ currentTarget }) => currentTarget.select()} />
      <button type="button" onClick={() => void copyLink(token)}><Icon name="link" /><span>{t('link.copy')}</span></button>
    </section>
  );
}

function Words({ store, does }: { store: RoomStore; does: Deeds }) {
  const room = store.room.value!;
  const [name, setName] = useState(room.name);
  const [description, setDescription] = useState(room.description);
  return (
    <section>
      <form class="with-button" onSubmit={(event) => { event.preventDefault(); void does.rename(name); }}>
        <Field label={t('room.name')} value={name} change={setName} maxLength={200} />
        <button disabled={name === room.name}>{t('save')}</button>
      </form>
      <form class="with-button" onSubmit={(event) => { event.preventDefault(); void does.describe(description); }}>
        <Field label={t('room.description')} value={description} change={setDescription} maxLength={500} />
        <button disabled={description === room.description}>{t('save')}</button>
      </form>
    </section>
  );
}

function Access({ store, does }: { store: RoomStore; does: Deeds }) {
  const room = store.room.value!;
  const [password, setPassword] = useState('');
  const isPublic = room.type === PUBLIC;
  const protect = async (word: string) => { if (await does.protect(word)) setPassword(''); };
  return (
    <section>
      <label class="switch">
        <input type="checkbox" role="switch" checked={isPublic} onChange={() => void (isPublic ? does.shut() : does.open())} />
        <span><strong>{t('room.public')}</strong><span class="quiet">{t('room.publicHint')}</span></span>
      </label>
      {isPublic && (
        <form class="with-button" onSubmit={(event) => { event.preventDefault(); void protect(password); }}>
          <Field label={t('password.room')} value={password} change={setPassword} type="password" autocomplete="new-password"
            hint={t(room.hasPassword ? 'password.isSet' : 'password.isNone')} />
          <button disabled={!password}>{t('save')}</button>
          {room.hasPassword && <button type="button" class="plain" onClick={() => void protect('')}>{t('password.remove')}</button>}
        </form>
      )}
    </section>
  );
}

function People({ store, does, members }: { store: RoomStore; does: Deeds; members: Member[] }) {
  const people = store.people.value;
  const isModerator = store.isModerator;
  return (
    <section>
      <h3>{t('people')}</h3>
      {isModerator && (
        <Finder label={t('invite')} kind="users" without={people.map(({ userId }) => userId)}
          choose={({ id, label }) => void does.invite(id, label)} />
      )}
      <ul class="people">
        {people.map((person) => (
          <PersonRow key={person.userId || person.sessionId} person={person} does={does} isManaged={isModerator}
            isPair={store.room.value?.type === ONE_TO_ONE} members={members} />
        ))}
      </ul>
    </section>
  );
}

function PersonRow({ person, does, isManaged, isPair, members }: {
  person: Participant; does: Deeds; isManaged: boolean; isPair: boolean; members: Member[];
}) {
  const { userId, participantType } = person;
  const isOwn = userId !== '' && userId === account.value?.id;
  const name = person.displayName || userId || members.find((member) => member.session === person.sessionId)?.name || t('guest');
  const isRemovable = isManaged && !isPair && !isOwn && participantType !== OWNER;
  const remove = () => participantType === GUEST ? does.removeGuest(person.sessionId) : does.remove(userId);
  return (
    <li>
      <Avatar name={name} />
      <span class="name">{name}{isOwn && ` ${t('you')}`}</span>
      <span class="quiet">{roleOf(participantType)}</span>
      <span class="deeds">
        {isManaged && !isPair && participantType === MEMBER && (
          <button type="button" class="plain" onClick={() => void does.promote(userId)}>{t('promote')}</button>
        )}
        {isManaged && !isPair && !isOwn && participantType === MODERATOR && (
          <button type="button" class="plain" onClick={() => void does.demote(userId)}>{t('demote')}</button>
        )}
        {isRemovable && participantType <= SELF_JOINED && (
          <button type="button" class="plain danger" aria-label={t('removeOf', { name })} onClick={() => void remove()}>{t('remove')}</button>
        )}
      </span>
    </li>
  );
}

/** A button that asks once more. */
export function Sure({ label, question, act }: { label: string; question: string; act(): void }) {
  const [isAsking, setAsking] = useState(false);
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), [isAsking]);
  if (!isAsking) return <button type="button" class="plain danger" onClick={() => setAsking(true)}>{label}</button>;
  return (
    <div class="sure" role="group" aria-label={label}>
      <p>{question}</p>
      <button type="button" class="danger main" onClick={act}>{label}</button>
      <button type="button" class="plain" ref={cancel} onClick={() => setAsking(false)}>{t('cancel')}</button>
    </div>
  );
}
