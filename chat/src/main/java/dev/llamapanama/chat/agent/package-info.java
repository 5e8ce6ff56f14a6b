/** Agents that think, act and observe (ReAct), for models without a format for tools of their own and those trained on it. */
@NullMarked
package dev.llamapanama.chat.agent;

import org.jspecify.annotations.NullMarked;
