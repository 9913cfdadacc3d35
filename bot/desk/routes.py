"""The table of the desk: every route with who may open it. `Frame` mounts it; a test tries each with each role."""

from collections.abc import Sequence

from bot.desk import (
    account_pages,
    audit_page,
    book_page,
    books_out_page,
    books_page,
    door,
    enrolment,
    entry_page,
    follow_pages,
    health_page,
    home,
    numbers_page,
    own_account,
    parked_pages,
    reasons,
    redirect_pages,
    shares_page,
)
from bot.desk.book_upload import BOOK_BODY
from bot.desk.entry_files import BODY_AT_MOST
from bot.desk.permission import ADMINS, ANYBODY, ASKED_FOR_CODE, AUDITORS, OVERSEERS, SETTING_UP, SIGNED_IN, SUPERVISORS
from bot.desk.route import Route, get, post

ROUTES: Sequence[Route] = (
    # The way in and out
    get("/login", ANYBODY, door.login_form),
    post("/login", ANYBODY, door.login),
    get("/code", ASKED_FOR_CODE, door.code_form),
    post("/code", ASKED_FOR_CODE, door.code),
    get("/invitation/{token}", ANYBODY, enrolment.invitation_form),
    post("/invitation/{token}", ANYBODY, enrolment.take_up),
    get("/setup", SETTING_UP, enrolment.setup_form),
    post("/setup", SETTING_UP, enrolment.setup),
    post("/logout", ANYBODY, door.logout),
    get("/language", ANYBODY, door.language),
    # For everybody who is in
    get("", SIGNED_IN, home.show),
    get("/me", SIGNED_IN, own_account.show),
    post("/me/password", SIGNED_IN, own_account.change_password),
    post("/me/sessions", SIGNED_IN, own_account.end_sessions),
    post("/me/recovery", SIGNED_IN, own_account.renew_recovery_codes),
    post("/number", SIGNED_IN, reasons.show_number),
    # Who works on reports. The menu has the order of this table: what is wanted most stands first.
    get("/redirects", ADMINS, redirect_pages.show, menu="redirects"),
    post("/redirects", ADMINS, redirect_pages.make, body=redirect_pages.BODY_AT_MOST),
    get("/redirects/{code}", ADMINS, redirect_pages.show_one),
    post("/redirects/{code}/note", ADMINS, redirect_pages.note),
    post("/redirects/{code}/withdraw", ADMINS, redirect_pages.withdraw),
    get("/entries", ADMINS, entry_page.show, menu="entry"),
    post("/entries", ADMINS, entry_page.enter, body=BODY_AT_MOST),
    post("/entries/places", ADMINS, entry_page.places, body=entry_page.FORM_AT_MOST),
    get("/entries/filed", ADMINS, entry_page.filed),
    get("/follow", ADMINS, follow_pages.show, menu="follow"),
    get("/follow/{number}", ADMINS, follow_pages.show_one),
    post("/follow/{number}/passed", ADMINS, follow_pages.passed),
    post("/follow/{number}/answer", ADMINS, follow_pages.answer, body=follow_pages.BODY_AT_MOST),
    get("/books", ADMINS, books_page.show, menu="books"),
    post("/books", ADMINS, books_page.upload, body=BOOK_BODY),
    get("/books/template/{format}", ADMINS, books_page.template),
    get("/books/{id}", ADMINS, book_page.show),
    post("/books/{id}/file", ADMINS, book_page.start),
    get("/books/{id}/wrong/{format}", ADMINS, book_page.wrong),
    get("/books/{id}/result/{format}", ADMINS, book_page.result),
    # Supervisors and auditors
    get("/numbers", OVERSEERS, numbers_page.show, menu="numbers"),
    get("/numbers/{table}.csv", OVERSEERS, numbers_page.download),
    # Supervisors
    get("/shares", SUPERVISORS, shares_page.show, menu="shares"),
    get("/books/out", SUPERVISORS, books_out_page.show, menu="books_out"),
    post("/books/out", SUPERVISORS, books_out_page.make),
    post("/books/out/return", SUPERVISORS, books_out_page.upload, body=BOOK_BODY),
    get("/books/out/{number}/{name}", SUPERVISORS, books_out_page.download),
    get("/books/out/{number}/files/{media}", SUPERVISORS, books_out_page.evidence),
    get("/parked", SUPERVISORS, parked_pages.show, menu="parked"),
    post("/parked/show", SUPERVISORS, parked_pages.show_one),
    post("/parked/replay", SUPERVISORS, parked_pages.replay),
    post("/parked/remove", SUPERVISORS, parked_pages.remove),
    get("/health", SUPERVISORS, health_page.show, menu="health"),
    get("/accounts", SUPERVISORS, account_pages.show, menu="accounts"),
    post("/accounts", SUPERVISORS, account_pages.add),
    get("/accounts/{id}", SUPERVISORS, account_pages.show_one),
    post("/accounts/{id}/reset", SUPERVISORS, account_pages.reset),
    post("/accounts/{id}/disable", SUPERVISORS, account_pages.disable),
    post("/accounts/{id}/enable", SUPERVISORS, account_pages.enable),
    post("/accounts/{id}/role", SUPERVISORS, account_pages.assign),
    # Auditors
    get("/audit", AUDITORS, audit_page.show, menu="audit"),
    post("/audit/verify", AUDITORS, audit_page.verify),
)
