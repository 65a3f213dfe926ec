"""Bento: HTTP Basic, a bearer token, a configured header; methods, encodings, sizes and keys."""

from .vector import Bento, base64_text, basic, event, key

VIEW = '{"type":"$view","email":"jo@example.com"}'
BODY = f'{{"events":[{VIEW}]}}'
USER, PASSWORD = Bento.USER, Bento.PASSWORD
BOTH = "~~?>~~>"  # with this password the base64 of the credentials contains `+` and `/`


def vectors():
    yield from methods_encodings_sizes()
    yield from basic_read()
    yield from basic_malformed()
    yield from basic_mismatch()
    yield from bearer()
    yield from own_header()
    yield from keys()
    yield from order_of_checks()


def post(name, about, credentials=None, body=BODY, **rest):
    return Bento(name, about, body, credentials=credentials, **rest)


def viewed(**fields):
    return event("subscriber.tracked", "$view", ("subscriber", "jo@example.com"), VIEW, **fields)


def without_credentials(request, more=()):
    """The same request with these headers in place of the credentials."""
    request.headers = [["Content-Type", "application/json"], *map(list, more)]
    return request


def methods_encodings_sizes():
    for method in ("GET", "PUT", "PATCH"):
        about = f"{method} is refused: the answer names POST as the allowed method."
        yield post(f"method/{method.lower()}", about, method=method).refused("method_not_allowed")
    yield post("method/post_lower_case", "Methods are case-sensitive.", method="post").refused("method_not_allowed")

    def encoded(name, about, *values):
        return post(f"encoding/{name}", about, more=[("Content-Encoding", value) for value in values])

    yield encoded("identity", "A Content-Encoding of identity changes nothing.", "identity").accepted(viewed())
    yield encoded("gzip", "A gzip body is refused: Bento does not ask for one.",
                  "gzip").refused("unsupported_content_encoding")
    yield encoded("empty", "An empty Content-Encoding is not identity.", "").refused("unsupported_content_encoding")
    yield encoded("two_fields", "Two Content-Encoding fields are a repeated header.", "gzip",
                  "gzip").refused("repeated_header")
    about = "A body of exactly max_body_bytes is read."
    yield post("size/exactly_the_limit", about, options={"max_body_bytes": len(BODY)}).accepted(viewed())
    about = "A body one byte over max_body_bytes is refused."
    yield post("size/one_byte_over", about, options={"max_body_bytes": len(BODY) - 1}).refused("payload_too_large")


def basic_read():
    def read(name, about, credentials=None, keys=None, user=USER):
        request = post(f"basic/{name}", about, credentials, scheme={"basic": user}, keys=keys)
        return request.accepted(viewed())

    encoded = base64_text(f"{USER}:{PASSWORD}")
    yield post("basic/right", "User and password are right.").accepted(viewed(cloudevent=True))
    for name, scheme in (("lower_case", "basic"), ("upper_case", "BASIC")):
        yield read(f"scheme_{name}", f"The scheme's name is read in any case: {scheme}.", f"{scheme} {encoded}")
    yield read("several_spaces", "More than one space may follow the scheme.", f"Basic    {encoded}")
    yield read("white_space_around", "White space around the value is not part of it.", f"\t Basic {encoded} ")
    about = "The first colon ends the user: a password may have some of its own."
    yield read("password_with_colons", about, basic(USER, "a:b::c"), [key("a:b::c")])
    about = "Text beyond ASCII is compared as UTF-8, which the challenge announces."
    yield read("beyond_ascii", about, basic("zoë", "pässwörd-🍱"), [key("pässwörd-🍱")], "zoë")
    about = "A password may be any bytes except control characters, which RFC 7617 forbids."
    yield read("password_of_any_bytes", about, basic(USER, b"\xff\x80\xfe"), [key(b"\xff\x80\xfe")])
    yield read("padding_of_two", "Canonical padding of two is read.", basic(USER, "1234"), [key("1234")])
    yield read("padding_of_one", "Canonical padding of one is read.", basic(USER, "12345"), [key("12345")])
    yield read("alphabet", "`+` and `/` are the standard alphabet.", basic(USER, BOTH), [key(BOTH)])
    long = "p" * (1024 - len(USER) - 1)
    yield read("1024_bytes", "Credentials of 1,024 decoded bytes are read.", basic(USER, long), [key(long)])


def basic_malformed():
    def refused(name, about, credentials):
        return post(f"basic/{name}", about, credentials).refused("malformed_signature")

    encoded = base64_text(f"{USER}:{PASSWORD}")
    about = "Without Authorization the sender is asked for Basic credentials."
    yield without_credentials(post("basic/absent", about)).refused("missing_signature")
    yield refused("empty", "An empty Authorization is malformed, not missing.", "")
    yield refused("only_white_space", "A value of only white space is empty.", " \t ")
    yield refused("scheme_alone", "A scheme without credentials.", "Basic")
    yield refused("scheme_and_space", "A scheme and a space without credentials.", "Basic ")
    yield refused("scheme_missing", "Credentials without a scheme.", encoded)
    yield refused("scheme_joined", "A scheme without a space after it is malformed.", f"Basic{encoded}")
    yield refused("scheme_bearer", "Credentials of another scheme are malformed.", f"Bearer {encoded}")
    yield refused("scheme_digest", "Credentials of the scheme Digest are malformed.", 'Digest username="publishable"')
    yield refused("tab_after_scheme", "A tab does not count as a space.", f"Basic\t{encoded}")
    yield refused("not_base64", "Credentials in plain text.", f"Basic {USER}:{PASSWORD}")
    yield refused("unpadded", "Padding is required.", basic(USER, "1234").rstrip("="))
    yield refused("half_padded", "All of the padding is required.", basic(USER, "1234")[:-1])
    yield refused("too_much_padding", "No more padding than needed.", basic(USER, "1234") + "=")
    yield refused("loose_bits", "The unused last bits must not be set.", basic(USER, "1234")[:-3] + "B==")
    yield refused("base64url", "`-` and `_` are not the standard alphabet.",
                  basic(USER, BOTH).replace("+", "-").replace("/", "_"))
    yield refused("inner_space", "White space inside the base64.", f"Basic {encoded[:8]} {encoded[8:]}")
    yield refused("trailing_parameter", "Text after the base64 is malformed.", f"Basic {encoded}, realm=x")
    yield refused("list_of_two", "A comma-joined list is never split.", f"Basic {encoded}, Basic {encoded}")
    yield refused("latin1", "A byte above 7F is not base64.", f"Basic {encoded[:-1]}\u00e9")
    yield refused("beyond_latin1", "A character above U+00FF is not a byte of a header.", f"Basic {encoded}\u0100")
    long = "p" * (1025 - len(USER) - 1)
    yield refused("1025_bytes", "Credentials of 1,025 decoded bytes are too long.", basic(USER, long))


def basic_mismatch():
    def refused(name, about, credentials, user=USER, **rest):
        return post(f"basic/{name}", about, credentials, scheme={"basic": user}, **rest).refused("signature_mismatch")

    yield refused("wrong_password", "A wrong password does not match.", basic(USER, "s3cr3T"))
    yield refused("wrong_user", "A wrong user does not match, even if the password is right.",
                  basic("publishabl3", PASSWORD))
    yield refused("user_in_other_case", "Users are case-sensitive.", basic("Publishable", PASSWORD))
    yield refused("both_wrong", "User and password wrong.", basic("someone", "else"))
    yield refused("swapped", "The password for the user and the user for the password.", basic(PASSWORD, USER))
    yield refused("empty_password", "An empty password does not match.", basic(USER, ""))
    yield refused("empty_user", "An empty user does not match.", basic("", PASSWORD))
    yield refused("beginning_of_password", "The beginning of the password does not match.", basic(USER, PASSWORD[:-1]))
    yield refused("beginning_of_user", "The beginning of the user does not match.", basic(USER[:-1], PASSWORD))
    yield refused("password_with_line_feed", "A line feed belongs to the password (`echo` without `-n`).",
                  basic(USER, PASSWORD + "\n"))
    yield refused("without_colon", "Base64 without a colon has no password.", "Basic " + base64_text(USER + PASSWORD))
    yield refused("only_a_colon", "A colon alone is an empty user and an empty password.", basic("", ""))
    yield refused("latin1_user", "A user in ISO-8859-1 is not the one in UTF-8.", basic(b"zo\xeb", PASSWORD), "zoë")
    long = "p" * (1024 - len(USER) - 1)
    yield refused("1024_wrong_bytes", "Credentials of 1,024 decoded bytes are compared.", basic(USER, long))


def bearer():
    def sent(name, about, credentials=None, **rest):
        return post(f"bearer/{name}", about, credentials, scheme=Bento.BEARER, **rest)

    yield sent("right", "The token is right.").accepted(viewed())
    for name, scheme in (("lower_case", "bearer"), ("upper_case", "BEARER")):
        yield sent(f"scheme_{name}", f"The scheme's name is read in any case: {scheme}.",
                   f"{scheme} {PASSWORD}").accepted(viewed())
    yield sent("several_spaces", "More than one space may follow the scheme.",
               f"Bearer   {PASSWORD}").accepted(viewed())
    token = "eyJhbGciOiJub25lIn0.e30.-._~+/=="
    yield sent("token_characters", "A token is compared as it is, never decoded.", f"Bearer {token}",
               keys=[key(token)]).accepted(viewed())
    again = [("x-relay-secret", "a"), ("x-relay-secret", "b")]
    yield sent("other_headers_repeated", "Headers that are not used may be repeated.", more=again).accepted(viewed())
    about = "Without Authorization the sender is asked for a bearer token."
    yield without_credentials(sent("absent", about)).refused("missing_signature")
    for name, about, credentials in (
        ("empty", "An empty Authorization is malformed.", ""),
        ("scheme_alone", "A scheme without a token.", "Bearer"),
        ("scheme_missing", "A token without a scheme.", PASSWORD),
        ("scheme_joined", "A scheme without a space after it is malformed.", f"Bearer{PASSWORD}"),
        ("scheme_basic", "Basic credentials are malformed for a bearer token.", basic(USER, PASSWORD)),
        ("scheme_token", "Credentials with the scheme `Token` are malformed.", f"Token {PASSWORD}"),
        ("beyond_latin1", "A character above U+00FF is not a byte of a header.", "Bearer s\u03b5cret"),
    ):
        yield sent(name, about, credentials).refused("malformed_signature")
    yield sent("wrong", "Another token does not match.", "Bearer s3cr3t2").refused("signature_mismatch")
    yield sent("other_case", "Tokens are case-sensitive.", f"Bearer {PASSWORD.upper()}").refused("signature_mismatch")
    again = [("authorization", f"Bearer {PASSWORD}")]
    yield sent("twice", "Two Authorization headers are refused.", more=again).refused("repeated_header")


def own_header():
    def sent(name, about, credentials=None, **rest):
        return post(f"header/{name}", about, credentials, scheme=Bento.HEADER, **rest)

    yield sent("right", "The header's value is the secret.").accepted(viewed())
    more = [("x-RELAY-secret", PASSWORD)]
    request = without_credentials(sent("name_in_any_case", "The configured name is read in any case."), more)
    yield request.accepted(viewed())
    yield sent("white_space_around", "White space around the value is not part of it.",
               f" {PASSWORD}\t").accepted(viewed())
    yield sent("any_text", "Any value can be a secret, a scheme's name in it or not.", "Bearer a, b",
               keys=[key("Bearer a, b")]).accepted(viewed())
    again = [("Authorization", "Basic a"), ("authorization", "Basic b")]
    yield sent("authorization_not_read", "With a configured header Authorization is not read, and may be repeated.",
               more=again).accepted(viewed())
    about = "If a configured header is absent, the answer has no challenge, because that is not an HTTP scheme."
    yield without_credentials(sent("absent", about)).refused("missing_signature")
    about = "Credentials in Authorization do not replace the configured header."
    more = [("Authorization", f"Bearer {PASSWORD}")]
    yield without_credentials(sent("in_authorization", about), more).refused("missing_signature")
    yield sent("empty", "An empty value is malformed.", "").refused("malformed_signature")
    yield sent("beyond_latin1", "A character above U+00FF is not a byte of a header.",
               "s3cr3t\u2019").refused("malformed_signature")
    yield sent("wrong", "Another value does not match.", "s3cr3t!").refused("signature_mismatch")
    yield sent("with_scheme", "A scheme before the secret does not match.",
               f"Bearer {PASSWORD}").refused("signature_mismatch")
    again = [("x-relay-secret", PASSWORD)]
    yield sent("twice", "Two of the header are refused, even equal ones.", more=again).refused("repeated_header")


def keys():
    def ring(name, about, *ring, **rest):
        return post(f"keys/{name}", about, keys=list(ring), **rest)

    right = key(PASSWORD)
    yield ring("second_of_two", "A key without an id is named by its position.", key("old"),
               right).accepted(viewed(), key_id="1")
    yield ring("named", "A key's own id is reported.", key(PASSWORD, id="relay"),
               key("old")).accepted(viewed(), key_id="relay")
    others = [key(f"other-{n}") for n in range(15)]
    yield ring("sixteenth_of_sixteen", "The last key of a full ring matches.", *others,
               right).accepted(viewed(), key_id="15")
    yield ring("none_of_two", "No key of the ring matches.", key("old"), key("older")).refused("signature_mismatch")
    yield ring("bearer_second_of_two", "A ring of tokens.", key("old"), right,
               scheme=Bento.BEARER).accepted(viewed(), key_id="1")
    yield ring("header_second_of_two", "A ring of header values.", key("old"), right,
               scheme=Bento.HEADER).accepted(viewed(), key_id="1")
    now, before, after = "2026-03-04T05:06:10Z", "2026-03-04T05:06:09.999Z", "2026-03-04T05:06:10.001Z"
    for name, about, validity, holds in (
        ("not_before_is_now", "`not_before` is inclusive.", {"not_before": now}, True),
        ("not_before_is_ahead", "A key is not yet valid one millisecond before its first one.", {"not_before": after},
         False),
        ("not_after_is_now", "`not_after` is inclusive.", {"not_after": now}, True),
        ("not_after_is_past", "A key is not valid one millisecond after its last one.", {"not_after": before}, False),
    ):
        request = ring(f"validity_{name}", about, key(PASSWORD, **validity), now=now)
        yield request.accepted(viewed()) if holds else request.refused("signature_mismatch")


def order_of_checks():
    gzip, small = [("Content-Encoding", "gzip")], {"max_body_bytes": 3}
    wrong = basic(USER, "wrong")

    def order(name, about, code, credentials=wrong, body="[1,", **rest):
        return post(f"order/{name}", about, credentials, body, **rest).refused(code)

    about = "The method is checked before everything else."
    yield order("method_first", about, "method_not_allowed", method="GET", more=gzip, options=small)
    about = "The encoding is checked before the size."
    yield order("encoding_before_size", about, "unsupported_content_encoding", body=BODY, more=gzip, options=small)
    about = "The size is checked before the credentials."
    yield order("size_before_credentials", about, "payload_too_large", body=BODY, options=small)
    yield order("credentials_before_body", "Wrong credentials are found before a broken body.", "signature_mismatch")
    yield order("malformed_credentials_before_body", "Malformed credentials are found before a broken body.",
                "malformed_signature", "Basic ?")
    again = [("Authorization", wrong)]
    yield order("repeated_credentials_before_body", "Repeated credentials are found before a broken body.",
                "repeated_header", more=again)
    about = "Two Authorization headers are refused, even when both are right."
    yield post("basic/twice", about, more=[("authorization", basic(USER, PASSWORD))]).refused("repeated_header")
