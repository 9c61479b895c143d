// Which view is shown: by the address, and by who is logged in.

import { account } from '../api/account';
import { Foot, Header } from '../parts/Header';
import { place } from '../parts/route';
import { Saying } from '../parts/saying';
import { CallsView, GroupsView, PeopleView } from './Admin';
import { Login } from './Login';
import { RoomPage } from './RoomPage';
import { Rooms } from './Rooms';

export function App() {
  const { value } = place;
  if (value.view === 'room') return <><RoomPage key={value.token} token={value.token} /><Saying /></>;
  return (
    <>
      <Header />
      {account.value ? <View view={account.value.isAdmin ? value.view : 'rooms'} /> : <main class="content middle"><Login /></main>}
      <Foot />
      <Saying />
    </>
  );
}

function View({ view }: { view: 'rooms' | 'people' | 'groups' | 'calls' }) {
  switch (view) {
    case 'people': return <PeopleView />;
    case 'groups': return <GroupsView />;
    case 'calls': return <CallsView />;
    case 'rooms': return <Rooms />;
  }
}
