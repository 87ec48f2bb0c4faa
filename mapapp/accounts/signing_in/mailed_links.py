"""Links by email, in the language of the recipient. The part of ``mail`` that may use the catalogues."""

from __future__ import annotations

from mapapp.accounts.signing_in import mail
from mapapp.core.config import Config
from mapapp.web.i18n import tell


def send_link(settings: Config, *, to: str, language: str, purpose: str, url: str) -> bool:
    """Sends an invitation or a reset link; False if it was not sent, which the page then says.

    Args:
        to: an address as ``contacts.parse_email`` returns it.
        purpose: of the invitation.
        url: the complete address.
    """
    if not mail.is_configured(settings):
        return False
    subject, paragraphs = mail.link_text(purpose, url)
    return mail.send(settings, to, tell(subject, language), "\n\n".join(tell(one, language) for one in paragraphs))
