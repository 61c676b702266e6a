"""The colours of a page as its styles give them: which text stands on which ground, which line beside which."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cssselect2
import tinycss2
import tinyhtml5

NAMED = {"white": "#ffffff", "black": "#000000"}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b|\b(?:white|black)\b")
_VARIABLE = re.compile(r"var\((--[\w-]+)\)")
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Pair:
    """What is seen, on what, and where."""

    front: str
    ground: str
    where: str


def luminance(colour):
    """Relative luminance (WCAG 2) of #RRGGBB."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Contrast ratio of two colours (WCAG 2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def plain(colour):
    """A colour as #RRGGBB in small letters."""
    colour = NAMED.get(colour, colour).lower()
    return colour if len(colour) == 7 else "#" + "".join(letter * 2 for letter in colour[1:])


class Styles:
    """The rules of a page's styles that say something of colour, for one medium."""

    def __init__(self, css, medium):
        self.medium, self.order, self.variables, self.margins = medium, 0, {}, []
        self.matcher = cssselect2.Matcher()
        self._read(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True))

    def _read(self, rules):
        for rule in rules:
            assert rule.type != "error", rule.message
            if rule.type == "qualified-rule":
                self._add(rule)
            elif rule.lower_at_keyword == "media":
                asked = tinycss2.serialize(rule.prelude).strip()
                if asked == self.medium:
                    self._read(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))
            elif rule.lower_at_keyword == "page":
                self.margins.append((tinycss2.serialize(rule.prelude).strip(), tinycss2.serialize(rule.content)))

    def _add(self, rule):
        said = {
            one.lower_name: tinycss2.serialize(one.value).strip()
            for one in tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            if one.type == "declaration"
        }
        if tinycss2.serialize(rule.prelude).strip() == ":root":
            self.variables |= {name: value for name, value in said.items() if name.startswith("--")}
        for selector in cssselect2.compile_selector_list(rule.prelude):
            self.order += 1
            self.matcher.add_selector(selector, said)

    def value(self, text):
        """A value without variables."""
        return _VARIABLE.sub(lambda found: self.variables[found[1]], text)

    def colour(self, text):
        """The colour in a value, if there is one."""
        found = _COLOUR.search(re.sub(r"url\([^)]*\)", "", self.value(text)))
        return plain(found[0]) if found else None

    def of(self, wrapped):
        """What the rules say of an element, and of what stands before and after it."""
        said = {None: {}, "before": {}, "after": {}}
        for _, _, pseudo, declarations in self.matcher.match(wrapped):
            if pseudo in said:
                said[pseudo] |= declarations
        return said


def pairs(page, medium="print"):
    """Every text with its ground, every coloured border with the ground that it is better seen on, and the styles."""
    root = tinyhtml5.parse(page, namespace_html_elements=False)
    css = "".join(one.text or "" for one in root.iter("style"))
    styles = Styles(css, medium)
    texts, lines = [], []
    _walk(cssselect2.ElementWrapper.from_html_root(root), styles, ("#000000", "#ffffff"), texts, lines)
    return texts, lines, styles


def _walk(wrapped, styles, inherited, texts, lines):
    element = wrapped.etree_element
    if not isinstance(element.tag, str) or element.tag in {"head", "style", "title"} or element.tag.startswith(SVG):
        return
    said = styles.of(wrapped)
    own = said[None] | _inline(element)
    if own.get("display") == "none":
        return
    around, (front, ground) = inherited[1], inherited
    front = styles.colour(own.get("color", "")) or front
    ground = styles.colour(own.get("background-color", "") or own.get("background", "")) or ground
    where = f"{element.tag}.{element.get('class', '')}"
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        texts.append(Pair(front, ground, where))
    for pseudo in ("before", "after"):
        if said[pseudo].get("content", '""').strip("\"'").strip() not in {"", "none", "normal"}:
            texts.append(Pair(styles.colour(said[pseudo].get("color", "")) or front, ground, f"{where}::{pseudo}"))
    for name, value in own.items():
        if name.startswith("border") and (line := styles.colour(value)):
            lines.append(Pair(line, max(around, ground, key=lambda one: contrast(line, one)), f"{where} {name}"))
    for child in wrapped.iter_children():
        _walk(child, styles, (front, ground), texts, lines)


def _inline(element):
    said = (part.partition(":") for part in (element.get("style") or "").split(";"))
    return {name.strip(): value.strip() for name, _, value in said if name.strip()}
