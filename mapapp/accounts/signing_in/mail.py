"""Email, if a server for it is configured. Nothing depends on it: a link can always be given on paper."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

from mapapp.accounts.signing_in import invitations
from mapapp.core.config import LOOPBACK, Config
from mapapp.core.errors import N_, Message

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 10

SUBJECT: Final = N_("Your link to the help map")
TEXTS: Final = {
    "join": N_("You are invited to the help map. Open this link and choose a password:"),
    "new_password": N_("Open this link and choose a new password for the help map:"),
    "new_second_factor": N_("Open this link to set up two-step sign-in for the help map again:"),
}
LASTS: Final = N_("The link works once, for %(days)s days, and asks for your phone number. Do not give it to anyone.")


def is_configured(settings: Config) -> bool:
    """Whether mail can be sent at all."""
    return bool(settings.smtp_url and settings.mail_from)


def link_text(purpose: str, url: str) -> tuple[Message, list[Message]]:
    """Subject and paragraphs of an email with a link; the caller translates them."""
    return Message(SUBJECT), [
        Message(TEXTS[purpose]),
        Message("%(url)s", {"url": url}),
        Message(LASTS, {"days": invitations.LASTS.days}),
    ]


def send(settings: Config, to: str, subject: str, text: str) -> bool:
    """Sends one email now; False if it could not be sent, which the page then says.

    Args:
        to: an address as ``contacts.parse_email`` returns it.
    """
    if not is_configured(settings):
        return False
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, to, subject
    mail["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2] or None)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    try:
        _deliver(settings.smtp_url, mail)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("a mail could not be sent: %s", type(error).__name__)  # without address and text
        return False
    return True


def _deliver(url: str, mail: EmailMessage) -> None:
    parts = urlsplit(url)
    host, tls = parts.hostname or "", ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=tls)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)
    with server:
        if parts.scheme == "smtp":
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=tls)
            elif host not in LOOPBACK:
                # A link sent without encryption could be read by anyone on the way.
                raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(mail)
