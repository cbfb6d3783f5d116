"""Wrong usage in words: the parser speaks English only."""

from __future__ import annotations

import re

_VALUE = r"Invalid value for '?(?:.* / )?(?P<name>[^':]+)'?: "
_CHINESE = (
    (r"No such command '(?P<name>.*?)'\. Did you mean '(?P<near>.*?)'.*", "没有“{name}”这个命令，相近的是“{near}”。"),
    (r"No such command '(?P<name>.*?)'\.", "没有“{name}”这个命令。"),
    (r"No such option: (?P<name>\S+).*", "没有“{name}”这个选项。"),
    (r"Option '(?P<name>.*)' requires an argument\.", "“{name}”后面缺少值。"),
    (r"Option '(?P<name>.*)' does not take a value\.", "“{name}”后面不跟值。"),
    (r"Missing (?:argument|option) '(?P<name>.*)'\.", "缺少“{name}”。"),
    (r"Got unexpected extra arguments? ?(?:\(s\) )?\((?P<name>.*)\)", "多出“{name}”。"),
    (_VALUE + r"Input should be a valid integer.*", "“{name}”应为整数。"),
    (_VALUE + r"Input should be greater than or equal to (?P<least>.*)", "“{name}”应不小于{least}。"),
    (_VALUE + r"Input should be less than or equal to (?P<most>.*)", "“{name}”应不大于{most}。"),
    (
        _VALUE + r"Value error, '(?P<found>.*)' is not one of '(?P<one>.*)', '(?P<other>.*)'\.",
        "“{name}”应为“{one}”或“{other}”，不能是“{found}”。",
    ),
    (
        _VALUE + r"(?:Value error, )?'(?P<found>.*?)' does not match the formats? '%Y-%m-%d'\.",
        "“{name}”应为日期，如 2020-11-02。",
    ),
    (
        _VALUE + r"(?:Value error, )?'(?P<found>.*?)' does not match the formats? .*",
        "“{name}”应为日期或日期和时间，如 2020-11-02T09:00。",
    ),
    (_VALUE + r"path '(?P<path>.*)' does not exist\.", "没有“{path}”这个文件或文件夹。"),
)


def told(message: str, english: bool) -> str:
    """The parser's message as one sentence, and where help is; in English where we have no words for it."""
    from analytics.problems import shown

    if english:
        return f"usage: {shown(message)} See python run.py --help"
    for pattern, sentence in _CHINESE:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            said = sentence.format_map({name: shown(text) for name, text in match.groupdict().items()})
            return f"用法不对：{said}用法见 python run.py --help"
    return f"用法不对：{shown(message)} 用法见 python run.py --help"
