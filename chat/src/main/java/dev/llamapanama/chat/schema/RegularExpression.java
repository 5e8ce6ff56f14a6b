package dev.llamapanama.chat.schema;

import dev.llamapanama.engine.Grammar;
import java.util.regex.Pattern;

/**
 * A regular expression that a whole text must match: what llama.cpp's schema converter takes of ECMAScript. That is
 * {@code ^…$} around literals, classes ({@code [a-z_]}, {@code [^"]}), {@code .}, groups ({@code (…)}, {@code (?:…)}),
 * {@code |}, {@code *}, {@code +}, {@code ?}, <code>{n}</code>, <code>{n,}</code> and <code>{n,m}</code> up to 2000. Outside of classes the characters of the
 * notation are escaped with a backslash, inside {@code \ ] [ -}; {@code \t \r \n \xHH} and <code>&#92;uHHHH</code> are
 * characters. All else ({@code \d}, {@code \w}, {@code \b}, look-around, lazy quantifiers, back-references) is refused. Immutable.
 *
 * @param pattern the expression
 */
public record RegularExpression(String pattern) {
    /** @throws UnsupportedSchemaException if it has what is not in the list; the message says what and where */
    public RegularExpression {
        RegexParser.toGbnf(pattern);
    }

    /** The same as a grammar. */
    public Grammar grammar() {
        return Grammar.of("root ::= " + RegexParser.toGbnf(pattern) + "\n");
    }

    /** Whether a text matches. */
    public boolean matches(String text) {
        return Pattern.matches(pattern, text);
    }
}
