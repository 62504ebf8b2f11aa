"""The words by which outcome, site, score and identifier columns are recognised in their names and values."""

from __future__ import annotations

import re
from functools import lru_cache


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


IDENTIFIER = frozenset(
    _words(
        "id ids identifier mrn pid patientid subjid subjectid record rownames row index ssn nhs accession chart uuid "
        "guid email phone mobile fax passport 编号 病历号 身份证 电话"
    )
)
PERSON = frozenset(_words("surname firstname lastname fullname forename address street 姓名 地址"))
ALWAYS_PRIVATE = frozenset(
    _words(
        "email telephone phone mobile fax ssn mrn iban passport zip zipcode postcode postal plz fingerprint voiceprint "
        "身份证 手机 手机号 电话 住院号 门诊号 病历号 医保号 社保号 邮编 邮箱 车牌 车牌号 住址 家庭住址 联系电话 "
        "身份证号"
    )
)
OFTEN_PRIVATE = frozenset(
    _words(
        "account acct insurance policy member beneficiary plan license licence certificate vin plate vehicle serial "
        "imei device mac url website ip biometric retina photo image picture city town county contact kin "
        "number no nr case"
    )
)
BIRTH = frozenset(
    _words(
        "birth dob birthday birthdate geb gebdat geboren geburt geburtsdatum naissance nacimiento 出生 生日 出生日期"
    )
)
PART_OF_NAME = frozenset(_words("first last family given full patient middle maiden"))
PATIENT = frozenset(_words("patient subject person mrn pid patientid subjid subjectid id 病历号 编号"))
SITE = frozenset(_words("site hospital centre center clinic institution facility region country 医院 中心"))
SCORE = frozenset(_words("risk score prob probability pred prediction predicted"))
NOT_ADMISSION = frozenset(_words("birth dob born death died discharge"))
AFTERWARDS = frozenset(
    _words("discharge discharged death died autopsy los stay survival followup outcome readmitted readmission 出院")
)
OUTCOME = _words(
    "outcome died death dead mort mortality deceased event disease target label diagnosis y readmitted readmission "
    "class malignant complication low case status relapse recurrence result verstorben tod todesfall exitus décès "
    "décédé fallecido 结局 死亡 诊断"
)
EVENT = _words(
    "1 yes true dead died death deceased positive pos event case disease malignant present abnormal high ill sick "
    "是 有 阳性 死亡 陽性 ja oui si sí sim tak ano da kyllä はい あり verstorben décédé fallecido"
)
NO_EVENT = frozenset(
    _words(
        "0 2 no false alive survived negative neg none control healthy well benign absent normal low 否 无 阴性 存活 "
        "陰性 無 nein non não nie ne нет いいえ なし lebt vivo"
    )
)

SEX = frozenset(_words("sex gender geschlecht sexe sexo 性别"))
LETTERS = (("y", "n"), ("t", "f"), ("m", "b"), ("p", "n"))  # event and no event, where both are single letters


DATED = frozenset(_words("date day datum fecha dt dob birth admission admitted discharge 日期 时间 出生"))
YES_NO = frozenset(
    frozenset(pair.split("/"))
    for pair in _words(
        "yes/no y/n true/false t/f positive/negative pos/neg +/- present/absent ja/nein j/n oui/non o/n si/no sí/no "
        "sim/não da/net да/нет ano/ne tak/nie kyllä/ei ja/nej ja/nee 是/否 有/无 有/無 阳性/阴性 陽性/陰性 はい/いいえ "
        "あり/なし 男/女 male/female m/f männlich/weiblich m/w homme/femme h/f alive/dead"
    )
)


@lru_cache(maxsize=2**16)
def words_of(name: str) -> frozenset[str]:
    """The lower-case words of a column's name: "PatientID", "patient_id" and "patient id" are the same."""
    return words_in(name)


def words_in(text: str) -> frozenset[str]:
    """The lower-case words of a text; of a cell, which unlike a column's name is remembered nowhere."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    parts = re.split(r"[^a-zà-öø-ÿ\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]+", spaced.lower())
    return frozenset(word for word in parts if word)


def names_a_person(name: str) -> bool:
    """Whether a column's name says that it holds a person's name or address."""
    words = words_of(name)
    return bool(words & PERSON) or ("name" in words and (len(words) == 1 or bool(words & PART_OF_NAME)))


def names_an_identifier(name: str) -> bool:
    """Whether a column's name says that it tells patients apart."""
    return bool(words_of(name) & IDENTIFIER) or names_a_person(name)
