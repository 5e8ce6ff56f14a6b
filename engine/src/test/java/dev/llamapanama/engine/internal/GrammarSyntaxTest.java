package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarSyntaxTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= \"a\"",
                "root ::= [a-zA-Z_\\x41-\\u00e9^\\]\\-]* # comment",
                "root ::= (\"a\" | \"b\"\n | c)+ \"\\n\" \nc ::= \"c\"{2,5} . <[12]> !<|eot|>?\r\n",
                "# leading comment\n\nroot   ::=\n  \"\" | item{3} item{0,} item{1,4}\nitem ::= [^\"]\n",
                "root ::= \"ä😀\" [ä-ö]",
                "root ::= root-1\nroot-1 ::= | \"x\" root",
            })
    void acceptsWhatLlamaCppAccepts(String grammar) {
        assertThat(GrammarSyntax.check(grammar, "root")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "root ::= (\"a\"            |line 1, column 14: expecting ')' at the end of the line",
                "root := \"a\"              |line 1, column 6: expecting ::= at \":= \"a\"\"",
                "root ::= \"a               |line 1, column 12: unexpected end of input at the end of the line",
                "root ::= [a-              |line 1, column 13: unexpected end of input at the end of the line",
                "root ::= \"\\q\"           |line 1, column 11: unknown escape at \"\\q\"\"",
                "root ::= \"\\x4g\"         |line 1, column 13: expecting 2 hex chars at \"4g\"\"",
                "root ::= *                |line 1, column 11: expecting preceding item to */+/?/{ at the end of the line",
                "root ::= \"a\"{5           |line 1, column 15: expecting ',' at the end of the line",
                "root ::= \"a\"{5,2}        |line 1, column 18: a repetition of at least 5 and at most 2 at the end of the line",
                "root ::= \"a\"{9999}       |line 1, column 19: number of repetitions exceeds sane defaults, please reduce the number of repetitions at the end of the line",
                "root ::= missing          |line 1, column 10: Undefined rule identifier 'missing' at \"missing\"",
                "start ::= \"a\"            |grammar does not contain a 'root' symbol",
                "root ::= <[12>            |line 1, column 14: expecting ']' at \">\"",
                "root ::= \"a\" }           |line 1, column 14: expecting newline or end at \"}\"",
                "``                        |grammar does not contain a 'root' symbol",
            })
    void saysWhatIsWrongAndWhere(String grammar, String message) {
        assertThat(GrammarSyntax.check(grammar.strip(), "root")).contains(message);
    }

    @Test
    void countsLines() {
        assertThat(GrammarSyntax.check("root ::= a\n# b\na ::= $\n", "root").orElseThrow())
                .startsWith("line 3, column 7:");
    }

    @Test
    void refusesGroupsThatWouldOverflowTheNativeStack() {
        String grammar = "root ::= " + "(".repeat(100_000) + "\"a\"" + ")".repeat(100_000);
        assertThat(GrammarSyntax.check(grammar, "root").orElseThrow()).contains("nested more than 100 deep");
    }

    @Test
    void refusesRulesThatWouldOverflowTheNativeStack() {
        assertThat(GrammarSyntax.check(chain(100_000), "root").orElseThrow()).contains("begin with one another");
        assertThat(GrammarSyntax.check(chain(GrammarSyntax.MAX_RULE_DEPTH - 1), "root"))
                .isEmpty();
    }

    @Test
    void manyRulesSideBySideAreFine() {
        String rules = IntStream.range(0, 20_000)
                .mapToObj(i -> "r" + i + " ::= \"x\" root")
                .collect(Collectors.joining("\n"));
        String root = IntStream.range(0, 20_000).mapToObj(i -> "r" + i).collect(Collectors.joining(" | "));
        assertThat(GrammarSyntax.check("root ::= " + root + "\n" + rules, "root"))
                .isEmpty();
    }

    @Test
    void refusesPatternsThatWouldOverflowTheNativeStack() {
        assertThat(GrammarSyntax.checkPattern("(".repeat(200) + ")".repeat(200)))
                .isPresent();
        assertThat(GrammarSyntax.checkPattern("\\(".repeat(200) + "(a)".repeat(200)))
                .isEmpty();
    }

    private static String chain(int length) {
        String rules = IntStream.range(0, length - 1)
                .mapToObj(i -> "r" + i + " ::= " + (i + 1 == length - 1 ? "\"x\"" : "r" + (i + 1)))
                .collect(Collectors.joining("\n"));
        return "root ::= r0\n" + rules;
    }
}
