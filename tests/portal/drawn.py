"""Forms as a browser would send them back: what is filled in, chosen or ticked as the page was drawn."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """Collects each form's action with its fields, one list of values for each name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str], dict[str, list[str]]]] = []
        self._select: tuple[str, bool] | None = None
        self._first: str | None = None
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((known, {}))
        if not self.forms or "disabled" in known:
            return
        if tag == "input":
            self._input(known)
        elif tag == "select":
            self._select, self._first = (known.get("name", ""), "multiple" in known), None
        elif tag == "option" and self._select:
            if "selected" in known:
                self._put(self._select[0], known.get("value", ""))
            elif self._first is None:
                self._first = known.get("value", "")
        elif tag == "textarea":
            self._text = known.get("name", "")
            self._put(self._text, "")

    def _input(self, known: dict[str, str]) -> None:
        kind, name = known.get("type"), known.get("name", "")
        if kind in ("checkbox", "radio"):
            if "checked" in known:
                self._put(name, known.get("value", "on"))
        elif kind not in ("submit", "button", "file", "reset"):
            self._put(name, known.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1][1][self._text][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            name, is_multiple = self._select
            if not is_multiple and name not in self.forms[-1][1]:
                # A browser chooses the first where none is chosen.
                self._put(name, self._first or "")
            self._select = None
        if tag == "textarea":
            self._text = ""

    def _put(self, name: str, value: str) -> None:
        if name:
            self.forms[-1][1].setdefault(name, []).append(value)


def drawn_form(page: str, form_id: str) -> dict[str, list[str]]:
    """Return what the form of this id would send.

    Raises:
        LookupError: the page has no such form.
    """
    for known, fields in _Forms(page).forms:
        if known.get("id") == form_id:
            return fields
    raise LookupError(form_id)
