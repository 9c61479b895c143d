// What administrators look after: people, groups, and the calls of this moment.

import { useEffect, useState } from 'preact/hooks';
import { account } from '../api/account';
import { api, content, type Schemas, TALK } from '../api/client';
import { Avatar } from '../parts/Avatar';
import { Dialog } from '../parts/Dialog';
import { Field } from '../parts/Field';
import { Finder } from '../parts/Finder';
import { type Found, useFound } from '../parts/found';
import { Icon } from '../parts/Icon';
import { iconOf, kindOf } from '../parts/kinds';
import { attempt } from '../parts/saying';
import { Title } from '../parts/Title';
import { count, list, t } from '../text';
import { inWords } from '../text/failure';
import { Sure } from './RoomSettings';

const AT_ONCE = 50;
const READ_MILLISECONDS = 15_000;

/** Reads something now, and again whenever `again` is called; a failure is said in words. */
function useRead<T>(read: () => Promise<T>, about: unknown[] = []) {
  const [value, setValue] = useState<T>();
  const [failure, setFailure] = useState<unknown>();
  const again = () => read().then((known) => { setValue(known); setFailure(undefined); }, setFailure);
  useEffect(() => void again(), about);
  return { value, again, failure: <Failure cause={failure} /> };
}

function Failure({ cause }: { cause: unknown }) {
  return cause === undefined ? null : <p class="notice" role="alert">{inWords(cause)}</p>;
}

export function PeopleView() {
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<string>();
  const [isAdding, setAdding] = useState(false);
  const { found, failure, again } = useFound(search, 'users', AT_ONCE);
  return (
    <main class="content">
      <Title text={t('people')} add={{ label: t('person.add'), act: () => setAdding(true) }} />
      <Field label={t('search')} type="search" value={search} change={setSearch} />
      <Failure cause={failure} />
      <ul class="people card">
        {found?.map(({ id, label }) => (
          <li key={id}>
            <Avatar name={label} /><span class="name">{label}</span><span class="quiet">{id}</span>
            <span class="deeds">
              <button type="button" class="plain" aria-label={t('person.manageOf', { name: label })} onClick={() => setChosen(id)}>{t('room.manage')}</button>
            </span>
          </li>
        ))}
      </ul>
      {found?.length === AT_ONCE && <p class="hint">{t('search.more', { number: AT_ONCE })}</p>}
      {isAdding && <NewPerson close={() => { setAdding(false); again(); }} />}
      {chosen && <PersonDialog id={chosen} close={() => { setChosen(undefined); again(); }} />}
    </main>
  );
}

function NewPerson({ close }: { close(): void }) {
  const [userid, setId] = useState('');
  const [displayName, setName] = useState('');
  const [password, setPassword] = useState('');
  const add = async (event: Event) => {
    event.preventDefault();
    const body = { userid: userid.trim(), displayName: displayName.trim(), password };
    if (await attempt(() => content(api.POST('/ocs/v2.php/cloud/users', { body })), t('person.added', { name: displayName || userid }))) close();
  };
  return (
    <Dialog title={t('person.add')} close={close}>
      <form onSubmit={add}>
        <Field label={t('login.id')} value={userid} change={setId} hint={t('person.idHint')} maxLength={64} autocomplete="off" required />
        <Field label={t('person.name')} value={displayName} change={setName} maxLength={64} autocomplete="off" />
        <Field label={t('login.password')} value={password} change={setPassword} type="password" autocomplete="new-password" required />
        <button class="main wide">{t('person.add')}</button>
      </form>
    </Dialog>
  );
}

function PersonDialog({ id, close }: { id: string; close(): void }) {
  const params = { path: { user: id } };
  const known = useRead(() => content(api.GET('/ocs/v2.php/cloud/users/{user}', { params })), [id]);
  const person = known.value;
  return (
    <Dialog title={person?.displayname ?? id} close={close}>
      {known.failure}
      {person && <PersonDeeds person={person} again={known.again} close={close} />}
    </Dialog>
  );
}

function PersonDeeds({ person, again, close }: { person: Schemas['Account']; again(): void; close(): void }) {
  const params = { path: { user: person.id } };
  const [password, setPassword] = useState('');
  const isOwn = person.id === account.value?.id;
  const then = async (work: () => Promise<unknown>, done?: string) => { if (await attempt(work, done)) again(); };
  const groups = '/ocs/v2.php/cloud/users/{user}/groups' as const;
  return (
    <div class="panel">
      <p class="quiet">{person.id}{person.email && ` · ${person.email}`}{!person.enabled && ` · ${t('person.isDisabled')}`}</p>
      <section>
        <h3>{t('groups')}</h3>
        <ul class="tags">
          {person.groups.map((group) => (
            <li key={group}>{group}
              <button type="button" class="plain round tiny" aria-label={t('group.leaveOf', { group })}
                onClick={() => void then(() => content(api.DELETE(groups, { params: { ...params, query: { groupid: group } } })))}>
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
        <Finder label={t('group.join')} kind="groups" without={person.groups}
          choose={({ id }: Found) => void then(() => content(api.POST(groups, { params, body: { groupid: id } })))} />
      </section>
      {!isOwn && (
        <form class="with-button" onSubmit={(event) => {
          event.preventDefault();
          void then(() => content(api.PUT('/ocs/v2.php/cloud/users/{user}', { params, body: { key: 'password', value: password } })), t('saved'));
          setPassword('');
        }}>
          <Field label={t('person.newPassword')} value={password} change={setPassword} type="password" autocomplete="new-password"
            hint={t('person.newPasswordHint')} />
          <button disabled={!password}>{t('save')}</button>
        </form>
      )}
      {!isOwn && (
        <section class="ends">
          <button type="button" onClick={() => void then(() => content(person.enabled
            ? api.PUT('/ocs/v2.php/cloud/users/{user}/disable', { params })
            : api.PUT('/ocs/v2.php/cloud/users/{user}/enable', { params })))}>
            {t(person.enabled ? 'person.disable' : 'person.enable')}
          </button>
          <Sure label={t('person.remove')} question={t('person.removeSure', { name: person.displayname })} act={async () => {
            if (await attempt(() => content(api.DELETE('/ocs/v2.php/cloud/users/{user}', { params })))) close();
          }} />
        </section>
      )}
    </div>
  );
}

export function GroupsView() {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string>();
  const found = useRead(() => content(api.GET('/ocs/v2.php/cloud/groups', { params: { query: { limit: 500 } } })));
  const add = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => content(api.POST('/ocs/v2.php/cloud/groups', { body: { groupid: name.trim() } })))) {
      setName('');
      void found.again();
    }
  };
  return (
    <main class="content">
      <Title text={t('groups')} />
      <form class="with-button" onSubmit={add}>
        <Field label={t('group.new')} value={name} change={setName} maxLength={64} required />
        <button class="main">{t('add')}</button>
      </form>
      {found.failure}
      <ul class="people card">
        {found.value?.groups.map((group) => (
          <li key={group}>
            <Icon name="people" /><span class="name">{group}</span>
            <span class="deeds"><button type="button" class="plain" aria-label={t('person.manageOf', { name: group })} onClick={() => setChosen(group)}>{t('room.manage')}</button></span>
          </li>
        ))}
      </ul>
      {chosen && <GroupDialog id={chosen} close={() => { setChosen(undefined); void found.again(); }} />}
    </main>
  );
}

function GroupDialog({ id, close }: { id: string; close(): void }) {
  const params = { path: { group: id } };
  const known = useRead(() => content(api.GET('/ocs/v2.php/cloud/groups/{group}', { params })), [id]);
  const members = known.value?.users ?? [];
  const groups = '/ocs/v2.php/cloud/users/{user}/groups' as const;
  const then = async (work: () => Promise<unknown>) => { if (await attempt(work)) void known.again(); };
  return (
    <Dialog title={id} close={close}>
      {known.failure}
      <div class="panel">
        <Finder label={t('group.add')} kind="users" without={members}
          choose={(found) => void then(() => content(api.POST(groups, { params: { path: { user: found.id } }, body: { groupid: id } })))} />
        <ul class="people">
          {members.map((user) => (
            <li key={user}><Avatar name={user} /><span class="name">{user}</span>
              <span class="deeds">
                <button type="button" class="plain danger" aria-label={t('removeOf', { name: user })}
                  onClick={() => void then(() => content(api.DELETE(groups, { params: { path: { user }, query: { groupid: id } } })))}>
                  {t('remove')}
                </button>
              </span>
            </li>
          ))}
        </ul>
        {id !== 'admin' && (
          <section class="ends">
            <Sure label={t('group.remove')} question={t('group.removeSure')} act={async () => {
              if (await attempt(() => content(api.DELETE('/ocs/v2.php/cloud/groups/{group}', { params })))) close();
            }} />
          </section>
        )}
      </div>
    </Dialog>
  );
}

export function CallsView() {
  const found = useRead(() => content(api.GET(`${TALK}/call`)));
  useEffect(() => {
    const timer = setInterval(() => { if (document.visibilityState === 'visible') void found.again(); }, READ_MILLISECONDS);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="content">
      <Title text={t('calls')} />
      {found.failure}
      {found.value && !found.value.length && <div class="empty"><Icon name="camera" /><p>{t('calls.none')}</p></div>}
      <ul class="rooms">
        {found.value?.map((call) => (
          <li key={call.token} class="card room busy">
            <span class="room-mark"><Icon name={iconOf(call)} /></span>
            <div class="room-words">
              <h2>{call.name || t('room.nameless')}</h2>
              <p class="quiet">{kindOf(call)} · {count('people', call.users.length + call.numGuests)}</p>
              <p class="now"><span class="dot" />{list([...call.users.map(({ displayName }) => displayName), ...(call.numGuests ? [count('guests', call.numGuests)] : [])])}</p>
            </div>
          </li>
        ))}
      </ul>
    </main>
  );
}
