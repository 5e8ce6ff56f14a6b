package dev.llamapanama.examples;

import dev.llamapanama.chat.Chat;
import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.service.InferenceService;
import dev.llamapanama.engine.service.ServiceOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** The model that an example runs on: a script, or a file. */
public final class ExampleModel implements AutoCloseable {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>(); // last one first
    private final ChatModel chat;

    private ExampleModel(ChatModel script) {
        chat = script;
    }

    private ExampleModel(Path file) {
        try {
            Model model = Model.load(file);
            opened.push(model);
            InferenceService service = InferenceService.create(model, ServiceOptions.defaults());
            opened.push(service);
            Chat made = Chat.of(service);
            opened.push(made);
            chat = made;
        } catch (RuntimeException thrown) {
            close();
            throw thrown;
        }
    }

    /**
     * The model that the first argument of a program names.
     *
     * @param name {@code --scripted}, or a model file (GGUF)
     * @param script answers that show what the program does, without a model's weights
     * @throws IllegalArgumentException if the argument names no model
     */
    public static ExampleModel open(String name, Supplier<ChatModel> script) {
        if (name.equals("--scripted")) {
            return new ExampleModel(script.get());
        }
        if (!Files.isRegularFile(Path.of(name))) {
            throw new IllegalArgumentException("the first argument must be --scripted or a model file, not " + name);
        }
        return new ExampleModel(Path.of(name));
    }

    /** The model. */
    public ChatModel chat() {
        return chat;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception thrown) { // none of them throws a checked one
                throw new IllegalStateException(thrown);
            }
        }
    }
}
