"""Where cases are played: a project of their steps, with settings, and a core that runs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from motia_core.conformance.assembling import assemble
from motia_core.conformance.attached import Attached, attaching_settings
from motia_core.conformance.case import Case, cases
from motia_core.conformance.cut import cut_settings
from motia_core.conformance.profiles import Profile, profiles
from motia_core.conformance.running import START_S, CoreStartError, RunningCore
from motia_core.conformance.subject import Subject

BUILD = "build"  # the core's folder for what SDKs build, below its data


@dataclass(frozen=True)
class Setup:
    """Cases that share a core."""

    profile: Profile
    cases: tuple[Case, ...]

    @property
    def name(self) -> str:
        """The profile, and the case where that has the core for itself."""
        return (
            f"{self.profile.name}-{self.cases[0].name.partition('/')[2]}"
            if self.cases[0].is_alone
            else self.profile.name
        )


def setups(subjects: Sequence[Subject], wanted: Iterable[Case] | None = None, profile: str = "") -> list[Setup]:
    """What has to be set up for cases.

    Args:
        wanted: Default: all cases.
        profile: Only this one; "" for all that say something about the SDKs.
    """
    chosen = cases() if wanted is None else tuple(wanted)
    found = []
    for each in profiles():
        if each.suits(subjects) and profile in ("", each.name):
            its = [case for case in chosen if each.has(case)]
            together = tuple(case for case in its if not case.is_alone)
            found += [Setup(each, together)] if together else []
            found += [Setup(each, (case,)) for case in its if case.is_alone]
    return found


class Stage:
    """A setup with a core.

    Args:
        folder: An empty folder; the project is in `project` below it.
        builds: A folder for what SDKs keep of their builds, which stages share.
    """

    def __init__(self, setup: Setup, subjects: Sequence[Subject], folder: Path, builds: Path) -> None:
        self.setup = setup
        self.subjects = subjects
        self.project = folder / "project"
        self.data = folder / "data"
        self.project.mkdir(parents=True)
        self.data.mkdir()
        builds.mkdir(exist_ok=True)
        (self.data / BUILD).symlink_to(builds, target_is_directory=True)
        assemble(self.project, subjects, setup.cases)
        for name, text in setup.profile.files.items():
            (self.project / name).write_text(text)
        self._cut: dict[str, str] = {}
        for subject in subjects if setup.profile.is_cut else ():
            for name, value in cut_settings(subject, folder / f"cut-{subject.group}").items():
                self._cut[name] = f"{self._cut[name]},{value}" if name in self._cut else value
        self._groups = [subject.group for subject in subjects]
        self._attaching = attaching_settings(self._groups) if setup.profile.is_external else {}
        self._attached: Attached | None = None
        self._core: RunningCore | None = None
        self._failed: CoreStartError | None = None  # it will not start the next time either

    @property
    def settings(self) -> Mapping[str, str]:
        """The environment variables of the core."""
        folders = [str(subject.folder) for subject in self.subjects if subject.folder]
        sdks = {"MOTIA_SIDECARS_SDKS": ",".join(folders)} if folders else {}
        return {**self.setup.profile.settings_for(self.subjects), **sdks, **self._cut, **self._attaching}

    @property
    def core(self) -> RunningCore:
        """The running core; started when there is none.

        Raises:
            CoreStartError: It did not start.
        """
        if self._failed is not None:
            raise self._failed
        if self._core is None or self._core.process.poll() is not None:
            self.close()
            builds = [subject.language.start.build_timeout_s for subject in self.subjects if subject.language.start]
            start_s = START_S + sum(builds)
            try:
                self._core = self._start(start_s)
            except CoreStartError as error:
                self._failed = error
                raise
        return self._core

    def _start(self, start_s: float) -> RunningCore:
        command = self.setup.profile.command
        if not self.setup.profile.is_external:
            return RunningCore(self.project, self.data, self.settings, start_s=start_s, command=command)
        attached = self._attached = Attached(self._groups, self.project, self.data, self.settings)
        try:
            return RunningCore(
                self.project, self.data, self.settings, start_s=start_s, command=command, attach=attached.start
            )
        except CoreStartError as error:
            raise CoreStartError("\n".join([str(error), "the sidecars that attach:", *attached.said()])) from error

    @property
    def number_of_records(self) -> int:
        """How much has been written so far."""
        return len(self._core.records) if self._core else 0

    def said(self, since: int = 0) -> list[str]:
        """What the core and its sidecars wrote last, after so many records."""
        return self._core.said(since) if self._core else []

    @property
    def exit_codes(self) -> Mapping[int, int]:
        """With what code sidecars that attach have ended, by their process id."""
        return self._attached.exit_codes if self._attached else {}

    def subject_of(self, lang: str) -> Subject:
        """The SDK whose files are in a language."""
        return next(subject for subject in self.subjects if lang in subject.languages)

    def close(self) -> None:
        """Stop the core."""
        if self._core is not None:
            self._core.stop()
            self._core = None
        if self._attached is not None:
            self._attached.close()
            self._attached = None
