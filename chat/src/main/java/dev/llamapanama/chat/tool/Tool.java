package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ToolDefinition;
import dev.llamapanama.chat.schema.Description;
import dev.llamapanama.chat.schema.InvalidOutputException;
import dev.llamapanama.chat.schema.JsonSchema;
import dev.llamapanama.chat.schema.JsonType;
import dev.llamapanama.chat.schema.UnsupportedSchemaException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A function that a model may call. Immutable; as thread-safe as its handler.
 *
 * <p>Arguments are checked against the schema and made a Java value before the handler sees them.
 */
public final class Tool {
    private static final JsonSchema NO_PARAMETERS =
            JsonSchema.parse("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    private final ToolDefinition definition;
    private final Invocation invocation;
    private final Optional<Duration> timeout;

    /** Checks arguments, and calls the handler. */
    @FunctionalInterface
    private interface Invocation {
        Object call(String arguments) throws Exception;
    }

    private Tool(ToolDefinition definition, Invocation invocation, Optional<Duration> timeout) {
        if (!NAME.matcher(definition.name()).matches()) {
            throw new IllegalArgumentException(
                    "a tool's name has 1 to 64 letters, digits, _ and -; not \"" + definition.name() + "\"");
        }
        this.definition = definition;
        this.invocation = invocation;
        this.timeout = timeout;
    }

    /**
     * A tool with a record as its parameters.
     *
     * @param description tells the model what it is for and when to call it
     * @param parameters its package must be open to Jackson where the program is a module; see {@link JsonType}
     * @throws UnsupportedSchemaException if the record has no schema that a grammar can enforce
     */
    public static <P extends Record> Tool of(
            String name, String description, Class<P> parameters, ToolHandler<? super P> handler) {
        JsonType<P> type = JsonType.of(parameters);
        return new Tool(
                new ToolDefinition(name, description, type.schema().text()),
                arguments -> handler.call(type.read(arguments)),
                Optional.empty());
    }

    /** A tool without parameters. */
    public static Tool of(String name, String description, Callable<?> handler) {
        return of(name, description, NO_PARAMETERS, none -> handler.call());
    }

    /**
     * A tool whose schema comes from elsewhere. The handler gets the arguments as JSON that follows the schema; whether a grammar
     * can enforce it while the model writes them, says {@link dev.llamapanama.chat.schema.SchemaCheck}.
     */
    public static Tool of(String name, String description, JsonSchema parameters, ToolHandler<String> handler) {
        return new Tool(
                new ToolDefinition(name, description, parameters.text()),
                arguments -> {
                    List<String> problems = parameters.problems(arguments);
                    if (!problems.isEmpty()) {
                        throw new InvalidArguments(problems);
                    }
                    return handler.call(arguments);
                },
                Optional.empty());
    }

    /**
     * The tools of an object: its public methods with {@link ToolMethod}, by name.
     *
     * @throws IllegalArgumentException if there is none, or one has other parameters than one record, or no {@link Description}
     */
    public static List<Tool> ofMethods(Object target) {
        List<Tool> tools = Arrays.stream(target.getClass().getMethods())
                .filter(method -> method.isAnnotationPresent(ToolMethod.class))
                .sorted(Comparator.comparing(Method::getName))
                .map(method -> ofMethod(target, method))
                .toList();
        if (tools.isEmpty()) {
            throw new IllegalArgumentException(target.getClass().getName() + " has no public method with @ToolMethod");
        }
        return tools;
    }

    private static Tool ofMethod(Object target, Method method) {
        Description description = method.getAnnotation(Description.class);
        if (description == null) {
            throw new IllegalArgumentException(method + " needs @Description, which tells the model what it is for");
        }
        Class<?>[] parameters = method.getParameterTypes();
        if (parameters.length > 1 || parameters.length == 1 && !parameters[0].isRecord()) {
            throw new IllegalArgumentException(method + " must have one parameter, a record, or none");
        }
        String given = method.getAnnotation(ToolMethod.class).value();
        String name = given.isEmpty() ? method.getName() : given;
        method.setAccessible(true); // public, but its class may be not
        return parameters.length == 0
                ? of(name, description.value(), () -> orEmpty(invoke(target, method)))
                : of(
                        name,
                        description.value(),
                        parameters[0].asSubclass(Record.class),
                        value -> orEmpty(invoke(target, method, value)));
    }

    /** Methods may return nothing. */
    private static Object orEmpty(@Nullable Object result) {
        return result == null ? "done" : result;
    }

    private static @Nullable Object invoke(Object target, Method method, Object... arguments) throws Exception {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            switch (thrown.getCause()) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                case null, default -> throw thrown;
            }
        }
    }

    /** The same with a time limit of its own. */
    public Tool withTimeout(Duration value) {
        return new Tool(definition, invocation, Optional.of(ToolExecutor.positive(value)));
    }

    /** What a model is told. */
    public ToolDefinition definition() {
        return definition;
    }

    /** How long a call may take, if it has a limit of its own. */
    public Optional<Duration> timeout() {
        return timeout;
    }

    /**
     * Checks the arguments, and calls the handler.
     *
     * @return what the model is to read
     */
    String call(String arguments) throws Exception {
        Object result;
        try {
            // models leave the arguments of a tool without parameters out
            result = invocation.call(arguments.isBlank() ? "{}" : arguments);
        } catch (InvalidOutputException thrown) {
            throw new InvalidArguments(thrown.problems());
        }
        return result instanceof CharSequence text ? text.toString() : JsonType.write(result);
    }

    /** The arguments do not follow the schema. */
    static final class InvalidArguments extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidArguments(List<String> problems) {
            super(String.join("; ", problems));
        }
    }

    @Override
    public String toString() {
        return "Tool[" + definition.name() + "]";
    }
}
