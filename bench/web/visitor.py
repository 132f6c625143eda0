"""A person with a browser, as far as a bench needs one: cookies, pages, forms."""

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from kit.measure import Failed

FORM = "application/x-www-form-urlencoded"
PATIENCE = 60  # seconds


@dataclass
class Form:
    """A form and what a browser would send if nobody touched it."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    button: tuple[str, str] | None = None  # the first one that has a name

    def filled(self, values: dict[str, str]) -> list[tuple[str, str]]:
        """With these values in place of the form's own; the first button is pressed unless they name another value."""
        pressed = [self.button] if self.button else []
        kept = [(name, value) for name, value in [*self.fields, *pressed] if name not in values]
        return [*kept, *values.items()]


@dataclass
class Page:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def forms(self) -> list[Form]:
        reader = FormReader()
        reader.feed(self.text)
        return reader.forms


class Visitor:
    """One connection that stays open, and the cookies that came over it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)

    def get(self, path: str) -> Page:
        return self.send("GET", path)

    def post(self, path: str, fields: list[tuple[str, str]]) -> Page:
        return self.send("POST", path, urlencode(fields).encode(), {"Content-Type": FORM})

    def send(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Page:
        sent = {"Cookie": self.cookie_line()} if self.cookies else {}
        try:
            self.connection.request(method, path, body, sent | (headers or {}))
            answer = self.connection.getresponse()
            page = Page(answer.status, answer.headers, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"{method} {self.address}{path}: {error or type(error).__name__}") from error
        for line in page.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        return page

    def cookie_line(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def form(self, path: str, ending: str) -> Form:
        """The page's first form whose action ends like this."""
        page = self.get(path)
        for found in page.forms():
            if (found.action or path).endswith(ending):
                return found
        raise Failed(f"{self.address}{path} に {ending} へ送るフォームがありません（状態 {page.status}）")

    def sign_in(self, path: str, action: str, values: dict[str, str]) -> None:
        """Sends the sign-in page's form, with what it holds already (its token) and these values."""
        found = self.form(path, action)
        answer = self.post(found.action or path, found.filled(values))
        if answer.status not in (302, 303) or (answer.headers.get("Location") or "").startswith(path):
            raise Failed(f"{self.address}{action} でサインインできません（状態 {answer.status}）")


class FormReader(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside: Form | None = None
        self.text: str | None = None  # of the textarea that is being read
        self.name = ""  # of the textarea or select that is being read
        self.chosen: str | None = None  # in the select that is being read

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.inside = Form(given.get("action", ""))
            self.forms.append(self.inside)
        elif self.inside is None or "disabled" in given:
            return
        elif tag == "input":
            self.add_input(self.inside, given)
        elif tag == "button" and given.get("name") and self.inside.button is None:
            self.inside.button = (given["name"], given.get("value", ""))
        elif tag == "textarea":
            self.name, self.text = given.get("name", ""), ""
        elif tag == "select":
            self.name, self.chosen = given.get("name", ""), None
        elif tag == "option" and (self.chosen is None or "selected" in given):
            self.chosen = given.get("value", "")

    def add_input(self, form: Form, given: dict[str, str]) -> None:
        kind, name, value = given.get("type", "text"), given.get("name", ""), given.get("value", "")
        if kind == "submit" and name and form.button is None:
            form.button = (name, value)
        is_sent = (
            "checked" in given if kind in ("radio", "checkbox") else kind not in ("submit", "image", "reset", "button")
        )
        if name and is_sent:
            form.fields.append((name, value))

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "textarea" and self.text is not None and self.inside:
            self.inside.fields.append((self.name, self.text.removeprefix("\n")))
            self.text = None
        elif tag == "select" and self.chosen is not None and self.inside:
            self.inside.fields.append((self.name, self.chosen))
            self.chosen = None
