package dev.llamapanama.examples.assistant;

import dev.llamapanama.chat.tool.ToolFailure;
import java.math.BigDecimal;
import java.math.MathContext;

/** Arithmetic in decimals of 34 digits: {@code + - * / % ^}, parentheses, and numbers. Nothing else, and nothing is executed. */
final class Calculator {
    private static final int MAX_LENGTH = 1_000;
    private static final int MAX_NESTING = 100;
    private static final int MAX_EXPONENT = 1_000;

    private final String text;
    private int position;
    private int nesting;

    private Calculator(String text) {
        this.text = text;
    }

    /** @throws ToolFailure if it is no expression; says where */
    static BigDecimal evaluate(String expression) {
        if (expression.length() > MAX_LENGTH) {
            throw new ToolFailure("an expression has at most " + MAX_LENGTH + " characters");
        }
        Calculator calculator = new Calculator(expression);
        try {
            BigDecimal value = calculator.sum();
            if (calculator.peek() != 0) {
                throw calculator.failure("an operator is missing");
            }
            return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        } catch (ArithmeticException thrown) {
            throw new ToolFailure("it cannot be computed: " + thrown.getMessage());
        }
    }

    private BigDecimal sum() {
        if (++nesting > MAX_NESTING) {
            throw failure("it nests too deeply");
        }
        BigDecimal value = product();
        while (peek() == '+' || peek() == '-') {
            value = take() == '+'
                    ? value.add(product(), MathContext.DECIMAL128)
                    : value.subtract(product(), MathContext.DECIMAL128);
        }
        nesting--;
        return value;
    }

    private BigDecimal product() {
        BigDecimal value = signed();
        while (peek() == '*' || peek() == '/' || peek() == '%') {
            value = switch (take()) {
                case '*' -> value.multiply(signed(), MathContext.DECIMAL128);
                case '/' -> value.divide(signed(), MathContext.DECIMAL128);
                default -> value.remainder(signed(), MathContext.DECIMAL128);
            };
        }
        return value;
    }

    private BigDecimal signed() {
        boolean negative = false;
        while (peek() == '-' || peek() == '+') {
            negative ^= take() == '-';
        }
        BigDecimal value = power();
        return negative ? value.negate() : value;
    }

    private BigDecimal power() {
        BigDecimal base = operand();
        if (peek() != '^') {
            return base;
        }
        take();
        BigDecimal exponent = signedExponent();
        if (exponent.stripTrailingZeros().scale() > 0
                || exponent.abs().compareTo(BigDecimal.valueOf(MAX_EXPONENT)) > 0) {
            throw failure("an exponent must be a whole number, at most " + MAX_EXPONENT);
        }
        return base.pow(exponent.intValueExact(), MathContext.DECIMAL128);
    }

    private BigDecimal signedExponent() {
        if (++nesting > MAX_NESTING) {
            throw failure("it nests too deeply");
        }
        boolean negative = peek() == '-';
        if (negative) {
            take();
        }
        BigDecimal value = power();
        nesting--;
        return negative ? value.negate() : value;
    }

    private BigDecimal operand() {
        if (peek() == '(') {
            take();
            BigDecimal value = sum();
            if (peek() != ')') {
                throw failure("a ) is missing");
            }
            take();
            return value;
        }
        peek();
        int begin = position;
        while (position < text.length() && (Character.isDigit(text.charAt(position)) || text.charAt(position) == '.')) {
            position++;
        }
        try {
            return new BigDecimal(text.substring(begin, position));
        } catch (NumberFormatException thrown) {
            throw failure("a number is missing");
        }
    }

    /** The next character that is no space; 0 at the end. */
    private char peek() {
        while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
            position++;
        }
        return position < text.length() ? text.charAt(position) : 0;
    }

    private char take() {
        return text.charAt(position++);
    }

    private ToolFailure failure(String what) {
        return new ToolFailure(what + " at position " + position + " of the expression");
    }
}
