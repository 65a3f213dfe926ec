"""Benji: the formats of a date, in either header, and the window around now."""

from .vector import ABSENT, Benji, SignedTime


def vectors():
    for dated in (old_scheme, signed):
        yield from formats_read(dated)
        yield from forms_of_later_documents(dated)
        yield from far_dates(dated)
        yield from http_dates_refused(dated)
        yield from rfc3339_refused(dated)
        yield from spaced_dates_refused(dated)
        yield from unix_times_refused(dated)
    yield from header_fields()
    yield from window_borders()
    yield from window_options()


def old_scheme(name, about, date, **rest):
    """A request of the older scheme, with the date in x-webhook-datetime, which is not signed."""
    return Benji(f"date/{name}", about, date=date, **rest)


def signed(name, about, date, **rest):
    """A request of the newer scheme, with the signed date in x-benji-timestamp. The signature is right here."""
    return SignedTime(f"signed_date/{name}", about, timestamp=date, **rest)


def formats_read(dated):
    def read(name, about, date, time=Benji.TIME):
        return dated(name, about, date).accepted(time=time)

    yield read("imf_fixdate", "An IMF-fixdate is read.", "Wed, 04 Mar 2026 05:06:09 GMT", "2026-03-04T05:06:09Z")
    yield read("rfc850", "A date of RFC 850 is read.", "Wednesday, 04-Mar-26 05:06:07 GMT")
    yield read("asctime", "An asctime date is read, in UTC; its day is padded with a space.",
               "Wed Mar  4 05:06:07 2026")
    about = "By the grammar of RFC 9110 an asctime day may also be padded with a zero."
    yield read("asctime_zero_padded_day", about, "Wed Mar 04 05:06:07 2026")
    yield dated("asctime_two_digit_day", "An asctime day of two digits has no padding.",
                "Thu Nov 12 08:49:37 2026", now="2026-11-12T08:49:40Z").accepted(time="2026-11-12T08:49:37Z")
    yield read("rfc3339_z", "RFC 3339 with Z is read.", "2026-03-04T05:06:07Z")
    yield read("rfc3339_lower_case", "RFC 3339 allows `t` and `z`.", "2026-03-04t05:06:07z")
    yield read("rfc3339_plus_zero", "RFC 3339 with +00:00 is read.", "2026-03-04T05:06:07+00:00")
    yield read("rfc3339_minus_zero", "RFC 3339 with -00:00 is read.", "2026-03-04T05:06:07-00:00")
    yield read("rfc3339_milliseconds", "Milliseconds are kept.", "2026-03-04T05:06:07.089Z", "2026-03-04T05:06:07.089Z")
    yield read("rfc3339_one_digit", "One digit of a fraction is tenths.", "2026-03-04T05:06:07.5Z",
               "2026-03-04T05:06:07.500Z")
    about = "Digits finer than milliseconds are cut, not rounded."
    yield read("rfc3339_nanoseconds", about, "2026-03-04T05:06:07.123999999Z", "2026-03-04T05:06:07.123Z")
    about = "A fraction may have any number of digits."
    yield read("rfc3339_forty_digits", about, f"2026-03-04T05:06:07.{'9' * 40}Z", "2026-03-04T05:06:07.999Z")
    about = "A fraction below a millisecond leaves whole seconds."
    yield read("rfc3339_below_a_millisecond", about, "2026-03-04T05:06:07.0009+00:00")
    yield read("spaced_gmt", "`YYYY-MM-DD hh:mm:ss GMT` is read.", "2026-03-04 05:06:07 GMT")
    yield read("spaced_utc", "`YYYY-MM-DD hh:mm:ss UTC` is read.", "2026-03-04 05:06:07 UTC")
    yield read("spaced_z", "`YYYY-MM-DD hh:mm:ss Z` is read.", "2026-03-04 05:06:07 Z")
    yield read("spaced_gmt_joined", "The space before GMT is optional.", "2026-03-04 05:06:07GMT")
    yield read("spaced_utc_joined", "The space before UTC is optional.", "2026-03-04 05:06:07UTC")
    yield read("spaced_z_joined", "The space before Z is optional.", "2026-03-04 05:06:07Z")
    yield read("white_space_around", "Spaces and tabs around the value are not part of it.",
               "\t 2026-03-04T05:06:07Z \t")
    yield dated("leap_day", "29 February of a leap year is a day.", "Thu, 29 Feb 2024 23:59:59 GMT",
                now="2024-02-29T23:59:59Z").accepted(time="2024-02-29T23:59:59Z", cloudevent=True)


def forms_of_later_documents(dated):
    """Forms without a zone: the vendor says GMT and shows no sample (core/docs/benji.md), and Python prints such dates.
    """
    def read(name, about, date, time=Benji.TIME, zone_assumed=False, **rest):
        return dated(name, about, date, **rest).accepted(time=time, zone_assumed=zone_assumed)

    yield read("rfc3339_offset_without_colon", "The zero offset may be written without its colon.",
               "2026-03-04T05:06:07+0000")
    yield read("rfc3339_space_and_offset", "A space may replace `T`.", "2026-03-04 05:06:07+00:00")
    yield read("rfc3339_space_and_offset_without_colon",
               "A space may replace `T`, and the zero offset may lack its colon.", "2026-03-04 05:06:07+0000")
    about = "A fraction is also read if a space replaces `T`."
    yield read("rfc3339_space_and_fraction", about, "2026-03-04 05:06:07.089Z", "2026-03-04T05:06:07.089Z")
    about = "Python's `str` of a date with a zone: a space, six digits, an offset."
    yield read("python_text_with_offset", about, "2026-03-04 05:06:07.089123+00:00", "2026-03-04T05:06:07.089Z")
    assumed = "is read as UTC, and the event says that the zone was assumed."
    yield read("rfc3339_no_zone", f"A date without a zone {assumed}", "2026-03-04T05:06:07", zone_assumed=True)
    yield read("spaced_no_zone", f"A date with a space and without a zone {assumed}", "2026-03-04 05:06:07",
               zone_assumed=True)
    yield read("rfc3339_no_zone_fraction", f"A date with a fraction and without a zone {assumed}",
               "2026-03-04T05:06:07.5", "2026-03-04T05:06:07.500Z", True)
    yield read("python_text", f"Python's `str` of a date without a zone {assumed}", "2026-03-04 05:06:07.089999",
               "2026-03-04T05:06:07.089Z", True)
    yield read("unix_seconds", "Ten digits are unix seconds.", "1772600767")
    yield read("unix_milliseconds", "Thirteen digits are unix milliseconds.", "1772600767089",
               "2026-03-04T05:06:07.089Z")
    off = {"window": "off"}
    about = "Leading zeros are digits: ten of them are 1970."
    yield read("unix_seconds_zero", about, "0000000000", "1970-01-01T00:00:00Z", options=off)
    about = "Thirteen digits with leading zeros are milliseconds too."
    yield read("unix_milliseconds_leading_zeros", about, "0000000000089", "1970-01-01T00:00:00.089Z", options=off)
    yield read("unix_seconds_largest", "The largest ten digits.", "9999999999", "2286-11-20T17:46:39Z", options=off)
    yield read("unix_milliseconds_largest", "The largest thirteen digits.", "9999999999999", "2286-11-20T17:46:39.999Z",
               options=off)


def far_dates(dated):
    def read(name, about, date, time):
        return dated(name, about, date, options={"window": "off"}).accepted(time=time)

    yield read("rfc850_year_69", "The two-digit year 69 is 2069.", "Tuesday, 01-Jan-69 00:00:00 GMT",
               "2069-01-01T00:00:00Z")
    yield read("rfc850_year_70", "The two-digit year 70 is 1970.", "Thursday, 01-Jan-70 00:00:00 GMT",
               "1970-01-01T00:00:00Z")
    yield read("rfc850_year_94", "RFC 9110's own sample of RFC 850 is of 1994.", "Sunday, 06-Nov-94 08:49:37 GMT",
               "1994-11-06T08:49:37Z")
    yield read("imf_fixdate_of_rfc9110", "RFC 9110's own sample of an IMF-fixdate.", "Sun, 06 Nov 1994 08:49:37 GMT",
               "1994-11-06T08:49:37Z")
    yield read("asctime_of_rfc9110", "RFC 9110's own sample of asctime.", "Sun Nov  6 08:49:37 1994",
               "1994-11-06T08:49:37Z")
    yield read("before_1970", "A date before 1970 is a negative number of milliseconds.", "1969-12-31T23:59:59.999Z",
               "1969-12-31T23:59:59.999Z")
    yield read("first_instant", "The year 0001 begins what can be represented.", "0001-01-01T00:00:00Z",
               "0001-01-01T00:00:00Z")
    yield read("last_instant", "The year 9999 ends what can be represented.", "9999-12-31T23:59:59.999Z",
               "9999-12-31T23:59:59.999Z")


def refuser(dated):
    def malformed(name, about, date, **rest):
        return dated(name, about, date, **rest).refused("malformed_timestamp")

    return malformed


def http_dates_refused(dated):
    malformed = refuser(dated)
    yield malformed("imf_wrong_weekday", "An IMF-fixdate with a wrong weekday is refused.",
                    "Tue, 04 Mar 2026 05:06:07 GMT")
    yield malformed("rfc850_wrong_weekday", "An RFC 850 date with a wrong weekday is refused.",
                    "Tuesday, 04-Mar-26 05:06:07 GMT")
    yield malformed("asctime_wrong_weekday", "An asctime date with a wrong weekday is refused.",
                    "Tue Mar  4 05:06:07 2026")
    yield malformed("imf_short_day", "An IMF-fixdate has two digits for the day.", "Wed, 4 Mar 2026 05:06:07 GMT")
    yield malformed("imf_lower_case", "HTTP-dates are case-sensitive.", "wed, 04 mar 2026 05:06:07 GMT")
    yield malformed("imf_lower_case_zone", "HTTP-dates are case-sensitive in the zone too.",
                    "Wed, 04 Mar 2026 05:06:07 gmt")
    yield malformed("imf_zone_utc", "An IMF-fixdate ends in GMT, not UTC.", "Wed, 04 Mar 2026 05:06:07 UTC")
    yield malformed("imf_zone_offset", "An IMF-fixdate with a numeric zone is refused.",
                    "Wed, 04 Mar 2026 05:06:07 +0000")
    yield malformed("imf_zone_est", "Another zone is refused.", "Wed, 04 Mar 2026 05:06:07 EST")
    yield malformed("imf_no_zone", "An IMF-fixdate without its zone is refused.", "Wed, 04 Mar 2026 05:06:07")
    yield malformed("imf_no_weekday", "An IMF-fixdate without its weekday is refused.", "04 Mar 2026 05:06:07 GMT")
    yield malformed("imf_long_weekday", "An IMF-fixdate has a short weekday.", "Wednesday, 04 Mar 2026 05:06:07 GMT")
    yield malformed("imf_two_spaces", "Two spaces are not one.", "Wed,  04 Mar 2026 05:06:07 GMT")
    yield malformed("imf_two_digit_year", "An IMF-fixdate has four digits for the year.", "Wed, 04 Mar 26 05:06:07 GMT")
    yield malformed("imf_second_60", "A leap second is refused.", "Wed, 04 Mar 2026 05:06:60 GMT")
    yield malformed("imf_hour_24", "There is no hour 24.", "Wed, 04 Mar 2026 24:00:00 GMT")
    yield malformed("imf_day_00", "There is no day 00.", "Sat, 00 Mar 2026 05:06:07 GMT")
    yield malformed("imf_february_29", "29 February of a common year is refused.", "Sun, 29 Feb 2026 05:06:07 GMT")
    yield malformed("imf_trailing_text", "Text after the date is refused.", "Wed, 04 Mar 2026 05:06:07 GMT (UTC)")
    yield malformed("rfc850_four_digit_year", "An RFC 850 date has two digits for the year.",
                    "Wednesday, 04-Mar-2026 05:06:07 GMT")
    yield malformed("rfc850_short_weekday", "An RFC 850 date has a long weekday.", "Wed, 04-Mar-26 05:06:07 GMT")
    yield malformed("asctime_unpadded_day", "An asctime day is padded to two places.", "Wed Mar 4 05:06:07 2026")
    yield malformed("asctime_with_zone", "An asctime date has no zone.", "Wed Mar  4 05:06:07 2026 GMT")


def rfc3339_refused(dated):
    malformed = refuser(dated)
    yield malformed("rfc3339_other_offset", "An offset other than zero is refused.", "2026-03-04T06:06:07+01:00")
    yield malformed("rfc3339_other_offset_without_colon", "An offset other than zero is refused without its colon too.",
                    "2026-03-04T06:06:07+0100")
    yield malformed("rfc3339_space_and_other_offset",
                    "An offset other than zero is refused with a space in place of `T` too.",
                    "2026-03-04 04:06:07-01:00")
    yield malformed("rfc3339_no_zone_second_60", "A leap second is refused without a zone too.",
                    "2026-03-04T05:06:60")
    yield malformed("rfc3339_no_zone_february_29", "The day must exist in a date without a zone too.",
                    "2026-02-29 05:06:07")
    yield malformed("rfc3339_no_zone_no_seconds", "Without a zone the seconds are not optional.", "2026-03-04 05:06")
    yield malformed("rfc3339_no_zone_trailing_text", "Text after a date without a zone is refused.",
                    "2026-03-04T05:06:07,")
    yield malformed("rfc3339_no_zone_point", "Without a zone a point needs a digit after it.", "2026-03-04 05:06:07.")
    yield malformed("rfc3339_offset_of_hours", "RFC 3339's offset has minutes.", "2026-03-04T05:06:07+00")
    yield malformed("rfc3339_zone_gmt", "After a date with `T`, only Z or an offset may follow.",
                    "2026-03-04T05:06:07GMT")
    yield malformed("rfc3339_no_digits_in_fraction", "A point needs a digit after it.", "2026-03-04T05:06:07.Z")
    yield malformed("rfc3339_comma_fraction", "A comma begins no fraction.", "2026-03-04T05:06:07,5Z")
    yield malformed("rfc3339_second_60", "A leap second is refused.", "2026-03-04T05:06:60Z")
    yield malformed("rfc3339_minute_60", "There is no minute 60.", "2026-03-04T05:60:07Z")
    yield malformed("rfc3339_month_13", "There is no month 13.", "2026-13-04T05:06:07Z")
    yield malformed("rfc3339_april_31", "There is no 31 April.", "2026-04-31T05:06:07Z")
    yield malformed("rfc3339_year_0000", "The year 0000 cannot be represented.", "0000-03-04T05:06:07Z",
                    options={"window": "off"})
    yield malformed("rfc3339_five_digit_year", "A year has four digits.", "12026-03-04T05:06:07Z",
                    options={"window": "off"})
    yield malformed("rfc3339_no_seconds", "The seconds are not optional.", "2026-03-04T05:06Z")
    yield malformed("rfc3339_one_digit_month", "A month has two digits.", "2026-3-04T05:06:07Z")
    yield malformed("rfc3339_trailing_text", "Text after the date is refused.", "2026-03-04T05:06:07Z;")
    yield malformed("iso8601_basic", "The basic form of ISO 8601 is refused.", "20260304T050607Z")
    yield malformed("date_alone", "A day without a time is refused.", "2026-03-04")


def spaced_dates_refused(dated):
    malformed = refuser(dated)
    yield malformed("spaced_offset_without_colon", "A space before a numeric offset without a colon is refused too.",
                    "2026-03-04 05:06:07 +0000")
    yield malformed("spaced_tab", "A tab does not count as a space.", "2026-03-04\t05:06:07")
    yield malformed("spaced_lower_case_zone", "GMT is read in upper case only.", "2026-03-04 05:06:07 gmt")
    yield malformed("spaced_zone_est", "Another zone is refused.", "2026-03-04 05:06:07 EST")
    yield malformed("spaced_two_spaces", "At most one space may precede the zone.", "2026-03-04 05:06:07  GMT")
    yield malformed("spaced_fraction", "A fraction before GMT is refused.", "2026-03-04 05:06:07.089 GMT")
    yield malformed("spaced_offset", "A space before a numeric offset is refused.", "2026-03-04 05:06:07 +00:00")
    yield malformed("spaced_trailing_text", "Text after the zone is refused.", "2026-03-04 05:06:07 GMT+1")
    yield malformed("spaced_second_60", "A leap second is refused.", "2026-03-04 05:06:60 GMT")


def unix_times_refused(dated):
    malformed = refuser(dated)
    for digits in (9, 11, 12, 14):
        about = f"Unix time has 10 or 13 digits: {digits} are refused."
        yield malformed(f"unix_{digits}_digits", about, "17726007670890"[:digits], options={"window": "off"})
    yield malformed("unix_fraction", "Unix time has no fraction.", "1772600767.5")
    yield malformed("unix_plus_sign", "Unix time has no plus sign.", "+1772600767")
    yield malformed("unix_minus_sign", "Unix time has no minus sign, in ten characters or not.", "-177260076",
                    options={"window": "off"})
    yield malformed("unix_exponent", "Unix time has no exponent.", "17726007e2", options={"window": "off"})
    yield malformed("unix_hexadecimal", "Unix time is decimal.", "0x69a7bfbf", options={"window": "off"})
    yield malformed("unix_inner_space", "White space inside the digits is refused.", "17726 0076",
                    options={"window": "off"})
    yield malformed("unix_separator", "Nothing separates the digits.", "177260_076", options={"window": "off"})
    yield malformed("unix_trailing_letter", "Text after the digits is refused.", "1772600767s")


def header_fields():
    dated, malformed = old_scheme, refuser(old_scheme)

    yield dated("absent", "Without a date the request is refused.", ABSENT).refused("missing_timestamp")
    about = "Without a window the date is still asked for."
    yield dated("absent_window_off", about, ABSENT, options={"window": "off"}).refused("missing_timestamp")
    about = "If the date may be missing, an event without a date has no time, and its id is made of the MAC alone."
    allow = {"allow_missing_date": True}
    yield dated("absent_allowed", about, ABSENT, options=allow).accepted(time=None, cloudevent=True)
    about = "A date that may be missing is checked if it is present."
    yield dated("present_though_optional", about, Benji.DATE, options=allow).accepted()
    yield dated("stale_though_optional", "An old date is stale even if the date may be missing.",
                "2026-03-04T05:00:00Z",
                options=allow).refused("stale")
    yield malformed("malformed_though_optional", "An unreadable date is malformed even if the date may be missing.",
                    "soon",
                    options=allow)
    yield malformed("empty", "An empty date is malformed, not missing.", "")
    yield malformed("empty_though_optional", "An empty date is not a missing one.", " ", options=allow)
    yield malformed("malformed_window_off", "Without a window a malformed date is still refused.", "soon",
                    options={"window": "off"})
    yield malformed("latin1_character", "A date does not contain a byte above 7F.", "Wed, 04 Mär 2026 05:06:07 GMT")
    yield malformed("beyond_latin1", "A character above U+00FF is not a byte of a header.", "２０２６-03-04T05:06:07Z")
    about = "Two dates are refused, even when they are equal."
    more = [("x-webhook-datetime", Benji.DATE)]
    yield dated("twice", about, Benji.DATE, more=more).refused("repeated_header")
    about = "Two spellings of the date's header name are one header, repeated."
    more = [("X-Webhook-Datetime", "2026-03-04T05:06:07Z")]
    yield dated("in_two_spellings", about, Benji.DATE, more=more).refused("repeated_header")
    about = "If the signature is wrong and there are two dates, the signature is checked first."
    yield dated("twice_and_mismatch", about, Benji.DATE, signature="0" * 64, more=more).refused("signature_mismatch")
    about = "The `Date` header is not Benji's date."
    yield dated("under_another_name", about, ABSENT, more=[("Date", Benji.DATE)]).refused("missing_timestamp")


def at(name, about, now, date=Benji.DATE, options=None):
    return Benji(f"window/{name}", about, date=date, now=now, options=options)


def window_borders():
    yield at("same_instant", "A date of exactly now is fresh.", "2026-03-04T05:06:07Z").accepted()
    yield at("300_seconds_old", "The window is inclusive: exactly 300 s old is fresh.",
             "2026-03-04T05:11:07Z").accepted()
    yield at("300_001_milliseconds_old", "One millisecond more than 300 s is stale.",
             "2026-03-04T05:11:07.001Z").refused("stale")
    yield at("301_seconds_old", "301 s old is stale.", "2026-03-04T05:11:08Z").refused("stale")
    yield at("a_day_old", "A day old is stale.", "2026-03-05T05:06:07Z").refused("stale")
    yield at("300_seconds_ahead", "The window is inclusive: exactly 300 s ahead is fresh.",
             "2026-03-04T05:01:07Z").accepted()
    about = "One millisecond more than 300 s ahead is from the future."
    yield at("300_001_milliseconds_ahead", about, "2026-03-04T05:01:06.999Z").refused("from_the_future")
    yield at("301_seconds_ahead", "301 s ahead is from the future.", "2026-03-04T05:01:06Z").refused("from_the_future")
    about = "The date's own milliseconds count: 299.911 s old."
    yield at("milliseconds_of_the_date_count", about, "2026-03-04T05:11:07Z",
             "2026-03-04T05:06:07.089Z").accepted(time="2026-03-04T05:06:07.089Z")
    about = "Digits below a millisecond are cut before the age is computed: it is still 300.001 s."
    yield at("finer_digits_do_not_rejuvenate", about, "2026-03-04T05:11:07.001Z",
             "2026-03-04T05:06:07.0009Z").refused("stale")
    about = "A retry that the vendor sends later than the window keeps its event's date and is stale."
    yield at("late_retry", about, "2026-03-04T05:36:07Z").refused("stale")
    about = "An asctime date is compared with the window like any other."
    yield at("asctime_stale", about, "2026-03-04T05:11:08Z", "Wed Mar  4 05:06:07 2026").refused("stale")


def window_options():
    narrow = {"window": [60, 5]}
    yield at("own_past_border", "A window of 60 s into the past is inclusive.", "2026-03-04T05:07:07Z",
             options=narrow).accepted()
    yield at("own_past_exceeded", "One millisecond more than a window of 60 s is stale.", "2026-03-04T05:07:07.001Z",
             options=narrow).refused("stale")
    yield at("own_future_border", "A window of 5 s into the future is inclusive.", "2026-03-04T05:06:02Z",
             options=narrow).accepted()
    yield at("own_future_exceeded", "One millisecond more than a window of 5 s into the future is refused.",
             "2026-03-04T05:06:01.999Z",
             options=narrow).refused("from_the_future")
    zero = {"window": [0, 0]}
    yield at("zero_same_instant", "A window of zero seconds contains the same instant.", "2026-03-04T05:06:07Z",
             options=zero).accepted()
    yield at("zero_one_late", "A window of zero seconds contains no older instant.", "2026-03-04T05:06:07.001Z",
             options=zero).refused("stale")
    yield at("zero_one_early", "A window of zero seconds contains no later instant.", "2026-03-04T05:06:06.999Z",
             options=zero).refused("from_the_future")
    day = {"window": [86_400, 300]}
    yield at("a_day_wide", "A window of a day accepts a retry after 23 hours.", "2026-03-05T04:06:07Z",
             options=day).accepted()
    off = {"window": "off"}
    yield at("off_years_later", "Without a window any age is accepted.", "2036-03-04T05:06:07Z", options=off).accepted()
    yield at("off_years_earlier", "Without a window any date ahead is accepted.", "2016-03-04T05:06:07Z",
             options=off).accepted()
