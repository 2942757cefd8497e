"""The state machine: one rule for each thing that people do, each compared with the model."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, multiple, rule

from cameo.flows.order import VideoAsk
from consent.vocabulary import Purpose, RestrictionClass
from tests.integration.life.checks import CASTS, check_end, check_opinions, check_step
from tests.integration.life.model import DONE, UNFINISHED
from tests.integration.life.people_rules import PeopleRules
from tests.integration.life.player import PERSON, WHICH
from tests.integration.life.stage import HANDLES, outcome, signed
from tests.integration.life.terms import Wanted
from tests.integration.life.wishes import SAID, Wish, mostly, wishes


class ConsentLife(PeopleRules):
    """Everything that people can do, in any order."""

    clips: Bundle[str] = Bundle("clips")

    @initialize(
        target=clips,
        first=st.lists(wishes(), min_size=4, max_size=4),
        fans=st.booleans(),
        made=st.lists(st.integers(0, 39), max_size=3),
        released=st.booleans(),
    )
    def begin(self, first: list[Wish], fans: bool, made: list[int], released: bool):
        """Most examples start where there is something to use, and something made."""
        for handle, wish in zip(HANDLES, first, strict=True):
            self.sign_consent(handle, wish, -1)
        if fans:
            for pair in (("alice", "bobby"), ("bobby", "alice")):
                self.tie("follow", pair)
        ordered = [self._possible(which) for which in made]
        names = [name for name in ordered if isinstance(name, str)]
        if released and names:
            self.finish(names[0], share=True)
        return multiple(*names)

    @rule(
        target=clips,
        maker=PERSON,
        people=st.lists(PERSON, min_size=1, max_size=2, unique=True),
        purpose=mostly(Purpose.PERSONAL, Purpose.SOCIAL),
        drinks=mostly(False, True),
        speaks=st.booleans(),
    )
    def order(self, maker: str, people: list[str], purpose: Purpose, drinks: bool, speaks: bool):
        return self._order(maker, people, purpose, drinks=drinks, speaks=speaks)

    @rule(target=clips, which=st.integers(0, 39), speaks=st.booleans())
    def order_what_is_allowed(self, which: int, speaks: bool):
        return self._possible(which, speaks=speaks)

    def _possible(self, which: int, *, speaks: bool = False):
        """One of the orders that the model says would be taken; none where there is none."""
        found = [
            (maker, people)
            for maker in HANDLES
            for people in CASTS
            if self.life.order(Wanted(maker, people), None, self.now) == DONE
        ]
        if not found:
            return multiple()
        maker, people = found[which % len(found)]
        return self._order(maker, list(people), Purpose.PERSONAL, speaks=speaks)

    @rule(
        target=clips,
        source=clips,
        maker=PERSON,
        people=st.lists(PERSON, min_size=1, max_size=2, unique=True),
    )
    def remix(self, source: str, maker: str, people: list[str]):
        return self._order(maker, people, Purpose.PERSONAL, parent=source)

    def _order(
        self,
        maker: str,
        people: list[str],
        purpose: Purpose,
        *,
        drinks: bool = False,
        speaks: bool = False,
        parent: str | None = None,
    ):
        names = " and ".join(f"@{handle}" for handle in people)
        prompt = f"{names} {'drink whiskey in a bar' if drinks else 'on the shore'}"
        classes = frozenset({RestrictionClass.ALCOHOL}) if drinks else frozenset()
        spoken = SAID if speaks else ""
        wanted = Wanted(maker, tuple(people), purpose, classes, spoken)
        self.studio.planner.spoken = (spoken,) if spoken else ()
        now, made = self.now, []
        ask = VideoAsk(prompt=prompt, seconds=4, purpose=purpose, remixed_from=parent)

        def act() -> None:
            made.append(self.studio.orders.order(self.record(maker), ask))

        assert outcome(act) == self.life.order(wanted, parent, now)
        if not made:
            return multiple()
        self.life.ordered(made[0].id, wanted, parent, now)
        return str(made[0].id)

    @rule(name=clips)
    def render(self, name: str) -> None:
        clip = self.life.clips[name]
        if clip.status == "queued":
            with self.stage.db.reading() as tx:
                record = tx.clips.get(name)
            self.studio.render(record)
            clip.status = "in_progress"

    @rule(name=clips, at_once=mostly(True, False))
    def release(self, name: str, at_once: bool) -> None:
        """A step of its own: between it and the rendering anything may have happened."""
        clip, now = self.life.clips[name], self.now
        may = clip.status == "in_progress" and self.life.may_release(clip, now)
        status = self.studio.releases.release(name, media_sha256="0" * 64, media_bytes=6)
        if status == "completed" and clip.status == "in_progress":
            assert may, f"released against the terms of {clip.wanted.people}"
        assert status == self.life.released(clip, now)
        if at_once:
            self.sequence()

    @rule(name=clips, share=st.booleans())
    def finish(self, name: str, share: bool) -> None:
        """The way that most clips go."""
        self.render(name)
        self.release(name, at_once=True)
        if share:
            self.publish(name, self.life.clips[name].maker, by_maker=True)

    @rule(name=clips, handle=PERSON, by_maker=mostly(True, False))
    def publish(self, name: str, handle: str, by_maker: bool) -> None:
        clip, now = self.life.clips[name], self.now
        who = clip.maker if by_maker else handle
        got = outcome(lambda: self.studio.publications.publish(self.record(who), name))
        assert got == self.life.published(who, clip, now)

    @rule(name=clips, handle=PERSON)
    def unpublish(self, name: str, handle: str) -> None:
        clip = self.life.clips[name]
        got = outcome(lambda: self.studio.publications.unpublish(self.record(handle), name))
        assert got == self.life.unpublish(handle, clip)

    @rule(name=clips, handle=PERSON, in_it=mostly(True, False), which=WHICH)
    def approve(self, name: str, handle: str, in_it: bool, which: int) -> None:
        clip, now = self.life.clips[name], self.now
        who = clip.members[which % len(clip.members)].person if in_it else handle
        key, acts = self.key(who, which), self.world.acts

        def act() -> None:
            prepared = acts.prepare_approval(self.record(who), name)
            evidence = signed(key.private, prepared.document)
            acts.approve(self.record(who), prepared.document, evidence, clip_id=name)

        assert outcome(act) == self.life.approve(who, clip, key, now)

    @rule(name=clips, handle=PERSON)
    def decline(self, name: str, handle: str) -> None:
        clip = self.life.clips[name]
        got = outcome(lambda: self.world.acts.decline(self.record(handle), name))
        assert got == self.life.decline(handle, clip)

    @rule(name=clips, handle=PERSON)
    def delete(self, name: str, handle: str) -> None:
        clip = self.life.clips[name]
        got = outcome(lambda: self.studio.library.delete(self.record(handle), name))
        assert got == self.life.delete(handle, clip)

    @rule(name=clips)
    def give_up(self, name: str) -> None:
        clip = self.life.clips[name]
        self.studio.releases.give_up(name, "render.failed")
        if clip.status in UNFINISHED:
            self.life.failed(clip)

    @rule(name=clips, handle=PERSON)
    def watch(self, name: str, handle: str) -> None:
        clip = self.life.clips[name]
        got = outcome(lambda: self.studio.library.require_served(self.record(handle), name))
        seen = self.life.shown(clip, self.now)
        assert got == (seen if clip.concerns(handle) else "request.not_found")

    # The service, and time.

    @rule()
    def sequence(self) -> None:
        self.world.ledger.sequence()
        self.covered()

    @rule()
    def sweep(self) -> None:
        now = self.now
        self.studio.releases.sweep()
        self.stage.office.contests.sweep()
        self.world.revocations.sweep()
        self.stage.office.erasures.sweep()
        self.life.swept(now)
        left = self.stage.rows(
            "select id from clip where status in ('failed', 'withdrawn') and dek_id is not null"
        )
        assert not left, "the keys of clips that are over are destroyed by a sweep"

    @rule(hours=st.sampled_from([1, 1, 2, 24, 72, 72]))
    def wait(self, hours: int) -> None:
        self.stage.clock.advance(hours)

    @invariant()
    def everything_is_as_it_must_be(self) -> None:
        check_step(self.stage, self.life, self.epochs)
        check_opinions(self.stage, self.life, self.step)
        self.step += 1

    def teardown(self) -> None:
        check_end(self.stage, self.life)
