package dev.llamapanama.chat.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegularExpressionTest {
    @Test
    void becomesAGrammar() {
        assertThat(new RegularExpression("^(yes|no)[.!]?$").grammar().gbnf())
                .isEqualTo("root ::= (\"y\" \"e\" \"s\" | \"n\" \"o\") [\\x2E\\x21]?\n");
        assertThat(new RegularExpression("^a{2,3}[^b-d]*.$").grammar().gbnf())
                .isEqualTo("root ::= \"a\"{2,3} [^b-d]* [^\\x0A\\x0D\\u0085\\u2028\\u2029]\n");
        assertThat(new RegularExpression("^|(?:a|)$").grammar().gbnf()).isEqualTo("root ::= \"\" | (\"a\" | \"\")\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"^$", "^a$", "^\\$\\x41\\u00e9é😀+$", "^[\\]\\[\\-a-]+$", "^a{0,5}b{3}c{2,}$", "^((a))$"})
    void whatIsInTheListIsTaken(String pattern) {
        assertThatCode(() -> new RegularExpression(pattern).grammar()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "a$~begin with",
                "^a~begin with",
                "^a\\$~begin with",
                "^\\d$~write [0-9]",
                "^\\w$~[A-Za-z0-9_]",
                "^\\/$~write / alone",
                "^\\b$~\\b is not supported",
                "^(a$~not closed",
                "^a)$~closes nothing",
                "^[a$~not closed",
                "^[]$~empty class",
                "^[^]$~empty class",
                "^[z-a]$~high to low",
                "^[a[b]$~unescaped [",
                "^(?=a)$~(?:",
                "^(?<n>a)$~(?:",
                "^a*?$~lazy",
                "^a++$~lazy",
                "^*$~nothing to repeat",
                "^(|*)$~nothing to repeat",
                "^a{,3}$~counts",
                "^a{3,2}$~counts",
                "^a{0}$~counts",
                "^a{2001}$~counts",
                "^a^b$~anchor",
                "^a|$b$~anchor",
                "^a]$~unescaped ]",
                "^\\x4$~hexadecimal",
                "^\\ud83d$~surrogate"
            })
    void theRestIsRefusedByName(String pattern, String why) {
        assertThatExceptionOfType(UnsupportedSchemaException.class)
                .isThrownBy(() -> new RegularExpression(pattern))
                .withMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"^.$", "^[^a]$", "^\"$", "^\\\\$", "^[ -~]$", "^\\n$", "^a\\.+$", "^é+$", "^[\\x1F]$"})
    void inJsonWhatWouldNeedEscapesIsRefused(String pattern) {
        assertThatCode(() -> new RegularExpression(pattern)).doesNotThrowAnyException();
        assertThatExceptionOfType(UnsupportedSchemaException.class)
                .isThrownBy(() -> RegexParser.requireSupportedInJson(pattern));
    }

    @ParameterizedTest
    @ValueSource(strings = {"^[^\"\\\\\\x00-\\x1F]+$", "^a\\.b$", "^[.]+$", "^[é]+$", "^[A-Za-z0-9_]{1,9}$"})
    void inJsonTheRestIsTaken(String pattern) {
        assertThatCode(() -> RegexParser.requireSupportedInJson(pattern)).doesNotThrowAnyException();
    }
}
