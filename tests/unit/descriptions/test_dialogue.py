"""What is spoken, in every convention of print. In the cases, [square brackets] stand round what is spoken."""

import re

import pytest

from bookreader.descriptions.rules.dialogue import masked, speech_spans
from bookreader.descriptions.rules.lexicon import lexicon_of
from bookreader.descriptions.rules.paragraphs import is_remark

CASES = {
    "curly": "[“Come in,”] said Ann, and shut the door. [“Sit down.”]",
    "straight": '["Come in,"] said Ann, and shut the door. ["Sit down."]',
    "single curly": "[‘Come in,’] said Ann, and shut the dogs’ door. [‘I don’t mind.’]",
    "single straight": "['Come in,'] said Ann, and shut it. ['I don't mind,'] she went on.",
    "guillemets": "[«Войди»], — сказала Анна и закрыла дверь.",
    "low and high": "[„Войди“], сказала Анна.",
    "a quotation in a quotation": "[“He said ‘never’ twice,”] said Ann.",
    "no end: the next paragraph goes on with it": "[“Come in, and sit down, and tell me.]",
    "a word in quotation marks": "The [“Admiral Benbow”] stood by the sea.",
    "apostrophes": "The boys’ caps and the dogs’ tails at five o’clock.",
    "dash": "[— Войди.]",
    "dash and remark": "[— Войди,] — сказала Анна и закрыла дверь.",
    "dash, remark, speech": "[— Войди,] — сказала Анна, закрывая дверь. [— Садись.]",
    "the verb of the remark comes later": "[— Войди!] — тихо и строго велела Анна. [— Садись.]",
    "the remark only tells what was done": "[— Войди!] — она распахнула дверь.",
    "en dash": "[– Войди,] – сказала Анна.",
    "hyphens": "[-- Войди,] -- сказала Анна.",
    "a dash inside the speech": "[— Грамотность, когда нет книг, — такая грамотность вредна.]",
    "a dash for a verb": "[— Жизнь — не шутка.]",
    "a dash after a colon": "Анна закрыла дверь и сказала: [— Садись,] — и вышла.",
    "an English dash": "[— Come in,] — she said, shutting the door.",
    "no speech": "The door stood open. A lamp burned on the table — it was late.",
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_spoken(name: str) -> None:
    text = re.sub(r"[\[\]]", "", CASES[name])
    lexicon = lexicon_of("ru" if re.search("[а-я]", text) else "en")
    spans = speech_spans(text, lambda part: is_remark(part, lexicon))
    marked, at = "", 0
    for start, end in spans:
        spoken = text[start:end].rstrip()
        marked += f"{text[at:start]}[{spoken}]"
        at = start + len(spoken)
    assert re.sub(r"\[(—) ", r"[\1 ", marked + text[at:]) == CASES[name]


def test_masking_keeps_offsets() -> None:
    text = "“Come in,” said Ann."
    told = masked(text, [(0, 10)])
    assert told == " " * 10 + " said Ann."
    assert len(told) == len(text)
