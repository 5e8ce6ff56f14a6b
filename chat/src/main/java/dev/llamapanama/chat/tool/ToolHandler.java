package dev.llamapanama.chat.tool;

/**
 * Does what a tool is for. May be called by several threads at once. It is interrupted when its time is over.
 *
 * @param <P> of the parameters
 */
@FunctionalInterface
public interface ToolHandler<P> {
    /**
     * Called with parameters that follow the tool's schema.
     *
     * @return not null: a string, which the model reads as it is, or a value, which becomes JSON
     * @throws ToolFailure to tell the model what went wrong
     * @throws Exception of which the model learns the class's name only
     */
    Object call(P parameters) throws Exception;
}
