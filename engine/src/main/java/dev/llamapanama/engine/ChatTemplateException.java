package dev.llamapanama.engine;

/** A chat template that is broken or refuses a chat, or an answer that it has no meaning for. */
public final class ChatTemplateException extends LlamaException {
    private static final long serialVersionUID = 1L;

    ChatTemplateException(String message) {
        super(message);
    }

    ChatTemplateException(String message, Throwable cause) {
        super(message, cause);
    }
}
