/** Fields of calls of generative models, by the conventions of OpenTelemetry, OpenInference, Vercel's SDK and Langfuse. */
export const GENERATIVE_FIELDS: readonly string[] = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.system',
  'gen_ai.request.model',
  'llm.model_name',
  'llm.request.type',
  'ai.model.id',
  'langfuse.observation.model.name',
];

/** Fields that join traces and log records into one conversation, the surest first. */
export const CONVERSATION_ID_FIELDS = ['gen_ai.conversation.id', 'conversation.id', 'session.id'] as const;
