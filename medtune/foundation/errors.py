"""Everything that can go wrong for a user: one class per kind of trouble, one complete sentence each."""

from __future__ import annotations

from medtune.foundation.words import Sentence


class MedtuneError(Exception):
    """A trouble that a user can understand and mend.

    Parameters
    ----------
    template : str
        What is wrong, in which column, row or setting, and what to do about it.
        It never carries the value of a patient's cell beyond a level or code
        that the user must choose between.
    **fields : object
        What goes into the places of the template.
    """

    def __init__(self, template: str, /, **fields: object) -> None:
        self.sentence = Sentence(template, fields)
        super().__init__(str(self.sentence))

    @classmethod
    def of(cls, sentence: Sentence) -> MedtuneError:
        """Make the error from a sentence that is at hand already."""
        return cls(sentence.template, **sentence.fields)

    def __reduce__(self):
        return (_rebuild, (type(self), self.sentence.template, dict(self.sentence.fields)))


def _rebuild(kind: type[MedtuneError], template: str, fields: dict) -> MedtuneError:
    return kind(template, **fields)


class TableError(MedtuneError):
    """A file that cannot be read as a table of patients."""


class LayoutError(TableError):
    """A file that may be a table once the user says how it is laid out.

    Parameters
    ----------
    template : str
    parts : tuple of str
        The sheets or files that the user may choose among.
    **fields : object
    """

    def __init__(self, template: str, /, *, parts: tuple[str, ...] = (), **fields: object) -> None:
        self.parts = parts
        super().__init__(template, **fields)


class PicturesError(TableError):
    """Pictures, their archive or their labels that cannot be used; also raised where pictures come as a table."""


class RolesError(MedtuneError):
    """A choice of outcome, predictors or other roles that the table does not support."""


class SettingsError(MedtuneError):
    """A setting outside what is allowed."""


class ModelError(MedtuneError):
    """A model that cannot be read, trusted or applied."""


class ColumnsError(ModelError):
    """A table whose columns do not fit the model; says the difference."""


class RunError(MedtuneError):
    """A run that cannot start, continue or be found."""
