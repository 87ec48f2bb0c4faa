"""Links by mail, in the language of whom they are for. The edge's side of ``mail``: it knows the catalogues."""

from __future__ import annotations

from mapapp.accounts.signing_in import mail
from mapapp.core.config import Config
from mapapp.web.i18n import tell


def send_link(settings: Config, *, to: str, language: str, purpose: str, url: str) -> bool:
    """Sends an invitation or a reset link; ``False`` where it was not sent, which the page then says.

    Args:
        to: an address as ``contacts.parse_email`` gives it.
        purpose: of the invitation.
        url: its whole address.
    """
    if not mail.is_configured(settings):
        return False
    subject, paragraphs = mail.link_text(purpose, url)
    return mail.send(settings, to, tell(subject, language), "\n\n".join(tell(one, language) for one in paragraphs))
