"""Models to files and back, as skops with a reviewed list of types; nobody's pickle is ever opened."""

from __future__ import annotations

import warnings
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from medtune.foundation.errors import ModelError
from medtune.foundation.files import write_atomically
from medtune.foundation.words import listed, say
from medtune.models.clinical import ClinicalModel
from medtune.models.imported import adopt
from medtune.models.passport import Passport
from medtune.models.trust import TRUSTED, check_trees, untrusted

FORMAT = "medtune-model-1"
LARGEST = 2 * 1024**3
PICKLE_SUFFIXES = (".pkl", ".pickle", ".joblib", ".sav", ".p", ".gz", ".z", ".xz", ".bz2", ".lzma", ".pt", ".pth")
# Pickle protocol 2 and later; the compressions joblib uses: zlib, gzip, xz, lzma, bzip2, lz4.
PICKLE_STARTS = (b"\x80", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b", b"\xfd7zXZ", b"\x5d\x00\x00")
PICKLE_STARTS += (b"BZh", b"\x04\x22\x4d\x18", b"ZF", b"ccopy_reg", b"csklearn")
CONVERT = "python -c \"import joblib, skops.io; skops.io.dump(joblib.load('{source}'), '{target}', compression=8)\""


def dump_model(model: ClinicalModel) -> bytes:
    """The bytes of a model file.

    Parameters
    ----------
    model : ClinicalModel

    Returns
    -------
    bytes
        A skops file that `load_model` reads back to bit-equal risks.

    Raises
    ------
    ModelError
        When the model holds something that could not be loaded again.
    """
    import skops.io
    from skops.io.exceptions import UnsupportedTypeException

    content = {"format": FORMAT, "passport": model.passport.to_json(), "estimator": model.estimator}
    try:
        data = skops.io.dumps(content, compression=zipfile.ZIP_DEFLATED)
    except (UnsupportedTypeException, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            "Model '{model}' cannot be saved as a safe file: it holds a part that skops cannot write.", model=model.name
        ) from error
    _only_trusted(data, model.name)
    return data


def save_model(model: ClinicalModel, path: str | Path) -> Path:
    """Write a model to a file; the file is there whole or not at all.

    Parameters
    ----------
    model : ClinicalModel
    path : str or Path
        Where to; ".skops" is the usual ending.

    Returns
    -------
    Path
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_atomically(path, dump_model(model))


def load_model(source: str | Path | bytes, name: str = "") -> ClinicalModel:
    """Read a model file: medtune's own, or a scikit-learn classifier saved with skops.

    Parameters
    ----------
    source : path or bytes
    name : str
        The file's name when bytes are given.

    Returns
    -------
    ClinicalModel

    Raises
    ------
    ModelError
        When the file is a pickle, is not a skops file, holds types that are not on the reviewed list,
        or is not a classifier of two classes with named columns.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, name = bytes(source), name or "the file"
    else:
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            raise ModelError("There is no model file '{name}'; check the path.", name=name)
        data = path.read_bytes()
    _refuse_pickle(data, name)
    _check_archive(data, name)
    _only_trusted(data, name)
    model, versions = _construct(data, name)
    if versions and not any(note.template == VERSIONS for note in model.passport.notes):
        note = say(VERSIONS, versions=versions)
        model = ClinicalModel(model.estimator, model.passport.with_(notes=(*model.passport.notes, note)))
    return model


VERSIONS = "The file was written with scikit-learn {versions}: check a few risks that you know before using it."


def _refuse_pickle(data: bytes, name: str) -> None:
    zipped = data[:2] == b"PK"
    if data.startswith(PICKLE_STARTS) or (not zipped and Path(name).suffix.lower() in PICKLE_SUFFIXES):
        plain = Path(name).name
        plain = plain if plain and not set(plain) & set("'\"\\`$ \n") else "model.joblib"
        target = Path(plain).stem + ".skops"
        raise ModelError(
            "'{name}' is a pickle, which can run any program when it is opened, so it is refused; whoever trusts it"
            " can convert it on their own machine with: {command}",
            name=name,
            command=CONVERT.format(source=plain, target=target),
        )


def _check_archive(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _not_a_model(name) from error
    if "schema.json" not in {entry.filename for entry in entries}:
        raise _not_a_model(name)
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise ModelError(
            "Model file '{name}' would unpack to more than {limit} GB; use a smaller model.", name=name, limit=2
        )


def _not_a_model(name: str) -> ModelError:
    return ModelError(
        "'{name}' is not a model file that can be read; choose a .skops file, saved here or with skops.io.dump.",
        name=name,
    )


def _only_trusted(data: bytes, name: str) -> None:
    import skops.io

    try:
        strange = untrusted(skops.io.get_untrusted_types(data=data))
    except Exception as error:
        # skops raises whatever a damaged schema leads to; to the user all of it means the same.
        raise _not_a_model(name) from error
    if strange:
        raise ModelError(
            "Model file '{name}' holds types that are not on the reviewed list: {types}; rebuild the model with"
            " scikit-learn's own parts, or use its risk as a score column.",
            name=name,
            types=listed(strange),
        )


def _construct(data: bytes, name: str) -> tuple[ClinicalModel, str]:
    """The model, and the versions of scikit-learn that wrote it where they are not ours."""
    import skops.io
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InconsistentVersionWarning)
        try:
            content = skops.io.loads(data, trusted=list(TRUSTED))
            check_trees(content)
            model = _understand(content, name)
        except ModelError:
            raise
        except Exception as error:
            # A file of allowed types can still hold nonsense in any of their fields.
            raise _not_a_model(name) from error
    others = [warning.message for warning in caught if isinstance(warning.message, InconsistentVersionWarning)]
    return model, ", ".join(sorted({str(other.original_sklearn_version) for other in others}))


def _understand(content: Any, name: str) -> ClinicalModel:
    if isinstance(content, ClinicalModel):
        return content
    if not isinstance(content, dict):
        return adopt(content, name)
    if content.get("format") != FORMAT or "estimator" not in content or not isinstance(content.get("passport"), str):
        raise ModelError(
            "Model file '{name}' was written in a form that this version does not know; update medtune or export the"
            " model again.",
            name=name,
        )
    if not hasattr(content["estimator"], "predict_proba"):
        raise _not_a_model(name)
    return ClinicalModel(content["estimator"], Passport.from_json(content["passport"]))
