"""The user's saved models: one folder each, with a passport that is read without opening the model."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from medtune.foundation.errors import ModelError
from medtune.foundation.files import patiently, write_atomically
from medtune.foundation.words import Sentence
from medtune.models.passport import Passport

if TYPE_CHECKING:
    from medtune.models.clinical import ClinicalModel

MODEL, PASSPORT = "model.skops", "passport.json"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
LONGEST_NAME = 120


class Library:
    """Models under a folder, `models/<id>/` with `model.skops` and `passport.json`.

    Parameters
    ----------
    home : path
        MEDTUNE_HOME.

    Notes
    -----
    A model appears and disappears by one rename of its folder, so a reader never meets half of one.
    """

    def __init__(self, home: str | Path):
        self.folder = Path(home) / "models"

    def list(self) -> tuple[Passport, ...]:
        """Passports of all models that can be read, newest first."""
        readable = [found for found in self._read_all() if isinstance(found, Passport)]
        return tuple(sorted(readable, key=lambda passport: (passport.created, passport.id), reverse=True))

    def troubles(self) -> tuple[Sentence, ...]:
        """One sentence for each folder whose passport cannot be read."""
        return tuple(found for found in self._read_all() if isinstance(found, Sentence))

    def passport(self, identifier: str) -> Passport:
        """The passport of one model.

        Raises
        ------
        ModelError
            When there is no such model, or its passport cannot be read.
        """
        return _read(self._place(identifier))

    def add(self, model: ClinicalModel) -> Passport:
        """Save a model under a name of its own.

        Parameters
        ----------
        model : ClinicalModel

        Returns
        -------
        Passport
            With its id, and a number after the name when the name was taken.
        """
        from medtune.models.clinical import ClinicalModel
        from medtune.models.files import dump_model

        passport = self._admitted(model.passport)
        return self._put(passport, dump_model(ClinicalModel(model.estimator, passport)))

    def add_file(self, path: str | Path, passport: Passport) -> Passport:
        """Take over a model file that a run has written, without opening it.

        Parameters
        ----------
        path : path
            A file that `medtune.models.files.save_model` wrote.
        passport : Passport
            Its passport; the name may be another one than in the file.

        Returns
        -------
        Passport
            With its id, and a number after the name when the name was taken.

        Raises
        ------
        ModelError
            When the file has gone.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise ModelError("The model file of this run has gone; repeat the run to save its model.") from error
        return self._put(self._admitted(passport), data)

    def _admitted(self, passport: Passport) -> Passport:
        return passport.with_(id=self._new_id(passport.name), name=self._free_name(passport.name))

    def _put(self, passport: Passport, data: bytes) -> Passport:
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f".new-{passport.id}"
        fresh.mkdir()
        try:
            write_atomically(fresh / MODEL, data)
            write_atomically(fresh / PASSPORT, passport.to_json())
            patiently(os.rename, fresh, self.folder / passport.id)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        return passport

    def open(self, identifier: str) -> ClinicalModel:
        """The model, ready to score.

        Raises
        ------
        ModelError
            When there is no such model, or its file cannot be read.
        """
        from medtune.models.clinical import ClinicalModel
        from medtune.models.files import load_model

        place = self._place(identifier)
        passport = _read(place)
        return ClinicalModel(load_model(place / MODEL).estimator, passport)

    def path(self, identifier: str) -> Path:
        """Where the model's file lies, for a worker that shall read it."""
        return self._place(identifier) / MODEL

    def rename(self, identifier: str, name: str) -> Passport:
        """Give a model another name; its id stays.

        Raises
        ------
        ModelError
            When there is no such model, or the name is empty.
        """
        place = self._place(identifier)
        passport = _read(place)
        passport = passport.with_(name=self._free_name(name, besides=identifier))
        write_atomically(place / PASSPORT, passport.to_json())
        return passport

    def delete(self, identifier: str) -> None:
        """Remove a model for good.

        Raises
        ------
        ModelError
            When there is no such model.
        """
        place = self._place(identifier)
        gone = self.folder / f".deleted-{identifier}-{secrets.token_hex(3)}"
        try:
            patiently(os.rename, place, gone)
        except FileNotFoundError as error:
            raise _absent(identifier) from error
        shutil.rmtree(gone, ignore_errors=True)

    def export_bytes(self, identifier: str) -> bytes:
        """The model as one file, under its present name."""
        from medtune.models.files import dump_model

        return dump_model(self.open(identifier))

    def import_bytes(self, data: bytes, name: str = "") -> Passport:
        """Add a model from the bytes of a file; see `medtune.models.files.load_model` for what is accepted."""
        from medtune.models.files import load_model

        return self.add(load_model(data, name))

    def _place(self, identifier: str) -> Path:
        place = self.folder / str(identifier)
        if not ID.fullmatch(str(identifier)) or not place.is_dir():
            raise _absent(identifier)
        return place

    def _read_all(self) -> list[Passport | Sentence]:
        if not self.folder.is_dir():
            return []
        found: list[Passport | Sentence] = []
        for place in sorted(self.folder.iterdir()):
            if not ID.fullmatch(place.name) or not place.is_dir():
                continue
            try:
                found.append(_read(place))
            except ModelError as error:
                # A folder that another session removed meanwhile is no trouble.
                if place.is_dir():
                    found.append(error.sentence)
        return found

    def _new_id(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-") or "model"
        while (self.folder / (identifier := f"{slug}-{secrets.token_hex(2)}")).exists():
            pass
        return identifier

    def _free_name(self, name: str, besides: str = "") -> str:
        name = " ".join(str(name).split())[:LONGEST_NAME].strip()
        if not name:
            raise ModelError("A model needs a name; type one.")
        taken = {passport.name.casefold() for passport in self.list() if passport.id != besides}
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{name} ({number})"
        return free


def _read(place: Path) -> Passport:
    try:
        text = (place / PASSPORT).read_text(encoding="utf-8")
        # The folder's name is what a model is opened and deleted by, whatever its file says.
        return Passport.from_json(text).with_(id=place.name)
    except FileNotFoundError as error:
        raise _absent(place.name) from error
    except (ModelError, UnicodeDecodeError) as error:
        raise ModelError(
            "The passport of model '{id}' in the library cannot be read; delete the model or import it again.",
            id=place.name,
        ) from error


def _absent(identifier: str) -> ModelError:
    return ModelError("There is no model '{id}' in the library; choose another one.", id=identifier)
