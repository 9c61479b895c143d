"""nextcloud-async: each of its methods for rooms and chats that works with any server.

Left out: read_only, remove_conversation_from_favorites, invite_to_conversation, demote_conversation_participant and
set_conversation_guest_display_name, which fail in the client or ask for something else than they say; set_conversation_scope, join_conversation,
get_shared_items_overview and files, which this server has not.
"""

import httpx
import pytest
from nextcloud_async import NextCloudAsync
from nextcloud_async.api.ocs.talk.constants import Permissions
from nextcloud_async.api.ocs.talk.rich_objects import DeckCard

from conftest import ADMIN, BEN, ask


@pytest.fixture
async def anna(address):
    async with httpx.AsyncClient(timeout=40) as client:
        yield NextCloudAsync(client, address, *ADMIN)


@pytest.fixture
async def room(anna):
    room = await anna.create_conversation("public", room_name="Tea")
    ask("POST", f"/ocs/v2.php/apps/spreed/api/v4/room/{room['token']}/participants", ADMIN, newParticipant="ben")
    yield room["token"]
    await anna.remove_conversations(room["token"])


async def of_ben(anna, room):
    people = await anna.get_conversation_participants(room, include_status=True)
    return next(it for it in people if it["actorId"] == "ben")


async def test_rooms(anna, room):
    await anna.rename_conversation(room, "Coffee")
    await anna.set_conversation_description(room, "Every day")
    await anna.set_conversation_password(room, "darjeeling")
    await anna.add_conversation_to_favorites(room)
    await anna.set_conversation_notification_level(room, "never_notify")
    await anna.set_call_notification_level(room, "default")
    await anna.conversation_allow_guests(room, False)
    await anna.conversation_allow_guests(room, True)
    await anna.set_participant_permissions(room, "default", Permissions(0))
    shown = await anna.get_conversation(room)
    assert (shown["name"], shown["description"], shown["hasPassword"]) == ("Coffee", "Every day", True)
    assert (shown["isFavorite"], shown["notificationLevel"], shown["notificationCalls"]) == (True, 3, 0)
    assert room in {it["token"] for it in await anna.get_conversations(include_status=True)}
    assert await anna.get_open_conversation_list() == []


async def test_people(anna, room):
    number = (await of_ben(anna, room))["attendeeId"]
    await anna.set_conversation_participant_permissions(room, number, Permissions.join_call, mode="set")
    await anna.set_conversation_permissions_for_participants(room, Permissions.start_call, mode="add")
    assert (await of_ben(anna, room))["attendeePermissions"] == 1 + 2 + 4
    await anna.promote_conversation_participant(room, number)
    assert (await of_ben(anna, room))["participantType"] == 2
    await anna.remove_participant_from_conversation(room, number)
    assert len(await anna.get_conversation_participants(room)) == 1


async def test_leaving(anna, address):
    room = await anna.create_conversation("one_to_one", invite="ben")
    async with httpx.AsyncClient(timeout=40) as client:
        ben = NextCloudAsync(client, address, *BEN)
        await ben.leave_conversation(room["token"])
        assert room["token"] not in {it["token"] for it in await ben.get_conversations()}


async def test_messages(anna, room):
    sent, headers = await anna.send_to_conversation(room, "Tea at five?", reference_id="abc", silent=True)
    assert (sent["referenceId"], sent["silent"]) == ("abc", True)
    assert int(headers["X-Chat-Last-Common-Read"]) >= 0
    messages, headers = await anna.get_conversation_messages(room, limit=1)
    assert (messages[0]["id"], headers["X-Chat-Last-Given"]) == (sent["id"], str(sent["id"]))
    later, _ = await anna.get_conversation_messages(room, look_into_future=True, last_known_message=sent["id"] - 1)
    assert later[0]["message"] == "Tea at five?"
    card = DeckCard("1", "Card")
    shared, _ = await anna.send_rich_object_to_conversation(room, card)
    assert shared["message"] == "{object}"
    candidates = await anna.get_conversation_autocomplete_suggestions(room, "be")
    assert [it["id"] for it in candidates] == ["ben"]
    await anna.mark_conversation_message_read(room, sent["id"])
    await anna.mark_conversation_message_unread(room, sent["id"])
    told, _ = await anna.remove_conversation_message(room, sent["id"])
    assert told["systemMessage"] == "message_deleted"
    told, _ = await anna.clear_conversation_history(room)
    assert told["systemMessage"] == "history_cleared"
