/* This is a generated file, edit the .stub.php file instead.
 * Stub hash: 91c693247220580b2f17309e61df72bb011f124e */

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_rr_embed_handle_request, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, handler, IS_CALLABLE, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_version, 0, 0, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_RrEmbed_transport, 0, 0, RrEmbed\\Transport, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_available, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

#define arginfo_RrEmbed_in_worker arginfo_RrEmbed_available

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_RrEmbed_mode, 0, 0, RrEmbed\\Mode, 1)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_worker_id, 0, 0, IS_LONG, 1)
ZEND_END_ARG_INFO()

#define arginfo_RrEmbed_handle_request arginfo_rr_embed_handle_request

#define arginfo_RrEmbed_finish_request arginfo_RrEmbed_available

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_send_informational, 0, 2, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, status, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, headers, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_request_headers, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

#define arginfo_RrEmbed_response_headers arginfo_RrEmbed_request_headers

#define arginfo_RrEmbed_connection_alive arginfo_RrEmbed_available

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_RrEmbed_recycle, 0, 0, IS_VOID, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Payload___construct, 0, 0, 1)
	ZEND_ARG_TYPE_INFO(0, body, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, header, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, last, _IS_BOOL, 0, "true")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, flags, IS_LONG, 0, "0")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Worker___construct, 0, 0, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Worker_current, 0, 0, RrEmbed\\Worker, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Worker_next, 0, 0, RrEmbed\\Payload, 1)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Worker_respond, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, body, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, header, IS_STRING, 0, "\'\'")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, last, _IS_BOOL, 0, "true")
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, codec, RrEmbed\\Codec, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Worker_error, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, message, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Worker_stop arginfo_RrEmbed_recycle

#define arginfo_class_RrEmbed_Worker_cancelled arginfo_RrEmbed_available

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Exception_ServiceException___construct, 0, 0, 2)
	ZEND_ARG_TYPE_INFO(0, method, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, serverMessage, IS_STRING, 0)
	ZEND_ARG_OBJ_INFO_WITH_DEFAULT_VALUE(0, previous, Throwable, 1, "null")
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Http_Worker___construct arginfo_class_RrEmbed_Worker___construct

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Http_Worker_accept, 0, 0, RrEmbed\\Http\\Request, 1)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, timeout, IS_DOUBLE, 1, "null")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_Worker_run, 0, 1, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, handler, IS_CALLABLE, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_Worker_ready, 0, 0, IS_MIXED, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Http_Request___construct arginfo_class_RrEmbed_Worker___construct

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_Request_header, 0, 1, IS_STRING, 1)
	ZEND_ARG_TYPE_INFO(0, name, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Http_Request_body arginfo_RrEmbed_version

#define arginfo_class_RrEmbed_Http_Request_bodyStream arginfo_class_RrEmbed_Http_Worker_ready

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_Request_server, 0, 0, IS_ARRAY, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, extra, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_Request_respond, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, status, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, headers, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, body, IS_STRING, 0, "\'\'")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_OBJ_INFO_EX(arginfo_class_RrEmbed_Http_Request_open, 0, 1, RrEmbed\\Http\\BodyWriter, 0)
	ZEND_ARG_TYPE_INFO(0, status, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, headers, IS_ARRAY, 0, "[]")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_Request_sendFile, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, path, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, status, IS_LONG, 0, "200")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, headers, IS_ARRAY, 0, "[]")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, offset, IS_LONG, 0, "0")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, length, IS_LONG, 1, "null")
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, delete, _IS_BOOL, 0, "false")
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Http_Request_informational arginfo_RrEmbed_send_informational

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_Request_fail, 0, 1, IS_VOID, 0)
	ZEND_ARG_OBJ_TYPE_MASK(0, error, Throwable, MAY_BE_STRING, NULL)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, status, IS_LONG, 0, "500")
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Http_Request_responded arginfo_RrEmbed_available

#define arginfo_class_RrEmbed_Http_BodyWriter___construct arginfo_class_RrEmbed_Worker___construct

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_BodyWriter_write, 0, 1, _IS_BOOL, 0)
	ZEND_ARG_TYPE_INFO(0, chunk, IS_STRING, 0)
ZEND_END_ARG_INFO()

#define arginfo_class_RrEmbed_Http_BodyWriter_flush arginfo_RrEmbed_recycle

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_BodyWriter_trailers, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, headers, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_BodyWriter_end, 0, 0, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO_WITH_DEFAULT_VALUE(0, last, IS_STRING, 0, "\'\'")
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_INFO_EX(arginfo_class_RrEmbed_Http_UploadedFile___construct, 0, 0, 5)
	ZEND_ARG_TYPE_INFO(0, clientName, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, clientType, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, path, IS_STRING, 0)
	ZEND_ARG_TYPE_INFO(0, size, IS_LONG, 0)
	ZEND_ARG_TYPE_INFO(0, error, IS_LONG, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_class_RrEmbed_Http_UploadedFile_moveTo, 0, 1, IS_VOID, 0)
	ZEND_ARG_TYPE_INFO(0, target, IS_STRING, 0)
ZEND_END_ARG_INFO()


ZEND_FUNCTION(rr_embed_handle_request);
ZEND_FUNCTION(RrEmbed_version);
ZEND_FUNCTION(RrEmbed_transport);
ZEND_FUNCTION(RrEmbed_available);
ZEND_FUNCTION(RrEmbed_in_worker);
ZEND_FUNCTION(RrEmbed_mode);
ZEND_FUNCTION(RrEmbed_worker_id);
ZEND_FUNCTION(RrEmbed_handle_request);
ZEND_FUNCTION(RrEmbed_finish_request);
ZEND_FUNCTION(RrEmbed_send_informational);
ZEND_FUNCTION(RrEmbed_request_headers);
ZEND_FUNCTION(RrEmbed_response_headers);
ZEND_FUNCTION(RrEmbed_connection_alive);
ZEND_FUNCTION(RrEmbed_recycle);
ZEND_METHOD(RrEmbed_Payload, __construct);
ZEND_METHOD(RrEmbed_Worker, __construct);
ZEND_METHOD(RrEmbed_Worker, current);
ZEND_METHOD(RrEmbed_Worker, next);
ZEND_METHOD(RrEmbed_Worker, respond);
ZEND_METHOD(RrEmbed_Worker, error);
ZEND_METHOD(RrEmbed_Worker, stop);
ZEND_METHOD(RrEmbed_Worker, cancelled);
ZEND_METHOD(RrEmbed_Exception_ServiceException, __construct);
ZEND_METHOD(RrEmbed_Http_Worker, __construct);
ZEND_METHOD(RrEmbed_Http_Worker, accept);
ZEND_METHOD(RrEmbed_Http_Worker, run);
ZEND_METHOD(RrEmbed_Http_Worker, ready);
ZEND_METHOD(RrEmbed_Http_Request, __construct);
ZEND_METHOD(RrEmbed_Http_Request, header);
ZEND_METHOD(RrEmbed_Http_Request, body);
ZEND_METHOD(RrEmbed_Http_Request, bodyStream);
ZEND_METHOD(RrEmbed_Http_Request, server);
ZEND_METHOD(RrEmbed_Http_Request, respond);
ZEND_METHOD(RrEmbed_Http_Request, open);
ZEND_METHOD(RrEmbed_Http_Request, sendFile);
ZEND_METHOD(RrEmbed_Http_Request, informational);
ZEND_METHOD(RrEmbed_Http_Request, fail);
ZEND_METHOD(RrEmbed_Http_Request, responded);
ZEND_METHOD(RrEmbed_Http_BodyWriter, __construct);
ZEND_METHOD(RrEmbed_Http_BodyWriter, write);
ZEND_METHOD(RrEmbed_Http_BodyWriter, flush);
ZEND_METHOD(RrEmbed_Http_BodyWriter, trailers);
ZEND_METHOD(RrEmbed_Http_BodyWriter, end);
ZEND_METHOD(RrEmbed_Http_UploadedFile, __construct);
ZEND_METHOD(RrEmbed_Http_UploadedFile, moveTo);


static const zend_function_entry ext_functions[] = {
	ZEND_FE(rr_embed_handle_request, arginfo_rr_embed_handle_request)
	ZEND_NS_FALIAS("RrEmbed", version, RrEmbed_version, arginfo_RrEmbed_version)
	ZEND_NS_FALIAS("RrEmbed", transport, RrEmbed_transport, arginfo_RrEmbed_transport)
	ZEND_NS_FALIAS("RrEmbed", available, RrEmbed_available, arginfo_RrEmbed_available)
	ZEND_NS_FALIAS("RrEmbed", in_worker, RrEmbed_in_worker, arginfo_RrEmbed_in_worker)
	ZEND_NS_FALIAS("RrEmbed", mode, RrEmbed_mode, arginfo_RrEmbed_mode)
	ZEND_NS_FALIAS("RrEmbed", worker_id, RrEmbed_worker_id, arginfo_RrEmbed_worker_id)
	ZEND_NS_FALIAS("RrEmbed", handle_request, RrEmbed_handle_request, arginfo_RrEmbed_handle_request)
	ZEND_NS_FALIAS("RrEmbed", finish_request, RrEmbed_finish_request, arginfo_RrEmbed_finish_request)
	ZEND_NS_FALIAS("RrEmbed", send_informational, RrEmbed_send_informational, arginfo_RrEmbed_send_informational)
	ZEND_NS_FALIAS("RrEmbed", request_headers, RrEmbed_request_headers, arginfo_RrEmbed_request_headers)
	ZEND_NS_FALIAS("RrEmbed", response_headers, RrEmbed_response_headers, arginfo_RrEmbed_response_headers)
	ZEND_NS_FALIAS("RrEmbed", connection_alive, RrEmbed_connection_alive, arginfo_RrEmbed_connection_alive)
	ZEND_NS_FALIAS("RrEmbed", recycle, RrEmbed_recycle, arginfo_RrEmbed_recycle)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Transport_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Mode_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Codec_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_LogLevel_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Payload_methods[] = {
	ZEND_ME(RrEmbed_Payload, __construct, arginfo_class_RrEmbed_Payload___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Worker_methods[] = {
	ZEND_ME(RrEmbed_Worker, __construct, arginfo_class_RrEmbed_Worker___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Worker, current, arginfo_class_RrEmbed_Worker_current, ZEND_ACC_PUBLIC|ZEND_ACC_STATIC)
	ZEND_ME(RrEmbed_Worker, next, arginfo_class_RrEmbed_Worker_next, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Worker, respond, arginfo_class_RrEmbed_Worker_respond, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Worker, error, arginfo_class_RrEmbed_Worker_error, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Worker, stop, arginfo_class_RrEmbed_Worker_stop, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Worker, cancelled, arginfo_class_RrEmbed_Worker_cancelled, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_RrEmbedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_NotInServerException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_InvalidStateException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_UnsupportedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_TransportException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_TimeoutException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_ClientDisconnectedException_methods[] = {
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Exception_ServiceException_methods[] = {
	ZEND_ME(RrEmbed_Exception_ServiceException, __construct, arginfo_class_RrEmbed_Exception_ServiceException___construct, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Http_Worker_methods[] = {
	ZEND_ME(RrEmbed_Http_Worker, __construct, arginfo_class_RrEmbed_Http_Worker___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Worker, accept, arginfo_class_RrEmbed_Http_Worker_accept, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Worker, run, arginfo_class_RrEmbed_Http_Worker_run, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Worker, ready, arginfo_class_RrEmbed_Http_Worker_ready, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Http_Request_methods[] = {
	ZEND_ME(RrEmbed_Http_Request, __construct, arginfo_class_RrEmbed_Http_Request___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Http_Request, header, arginfo_class_RrEmbed_Http_Request_header, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, body, arginfo_class_RrEmbed_Http_Request_body, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, bodyStream, arginfo_class_RrEmbed_Http_Request_bodyStream, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, server, arginfo_class_RrEmbed_Http_Request_server, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, respond, arginfo_class_RrEmbed_Http_Request_respond, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, open, arginfo_class_RrEmbed_Http_Request_open, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, sendFile, arginfo_class_RrEmbed_Http_Request_sendFile, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, informational, arginfo_class_RrEmbed_Http_Request_informational, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, fail, arginfo_class_RrEmbed_Http_Request_fail, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_Request, responded, arginfo_class_RrEmbed_Http_Request_responded, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Http_BodyWriter_methods[] = {
	ZEND_ME(RrEmbed_Http_BodyWriter, __construct, arginfo_class_RrEmbed_Http_BodyWriter___construct, ZEND_ACC_PRIVATE)
	ZEND_ME(RrEmbed_Http_BodyWriter, write, arginfo_class_RrEmbed_Http_BodyWriter_write, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_BodyWriter, flush, arginfo_class_RrEmbed_Http_BodyWriter_flush, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_BodyWriter, trailers, arginfo_class_RrEmbed_Http_BodyWriter_trailers, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_BodyWriter, end, arginfo_class_RrEmbed_Http_BodyWriter_end, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};


static const zend_function_entry class_RrEmbed_Http_UploadedFile_methods[] = {
	ZEND_ME(RrEmbed_Http_UploadedFile, __construct, arginfo_class_RrEmbed_Http_UploadedFile___construct, ZEND_ACC_PUBLIC)
	ZEND_ME(RrEmbed_Http_UploadedFile, moveTo, arginfo_class_RrEmbed_Http_UploadedFile_moveTo, ZEND_ACC_PUBLIC)
	ZEND_FE_END
};

static zend_class_entry *register_class_RrEmbed_Transport(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\Transport", IS_STRING, class_RrEmbed_Transport_methods);

	zval enum_case_Host_value;
	zend_string *enum_case_Host_value_str = zend_string_init("host", strlen("host"), 1);
	ZVAL_STR(&enum_case_Host_value, enum_case_Host_value_str);
	zend_enum_add_case_cstr(class_entry, "Host", &enum_case_Host_value);

	zval enum_case_Socket_value;
	zend_string *enum_case_Socket_value_str = zend_string_init("socket", strlen("socket"), 1);
	ZVAL_STR(&enum_case_Socket_value, enum_case_Socket_value_str);
	zend_enum_add_case_cstr(class_entry, "Socket", &enum_case_Socket_value);

	zval enum_case_None_value;
	zend_string *enum_case_None_value_str = zend_string_init("none", strlen("none"), 1);
	ZVAL_STR(&enum_case_None_value, enum_case_None_value_str);
	zend_enum_add_case_cstr(class_entry, "None", &enum_case_None_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Mode(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\Mode", IS_STRING, class_RrEmbed_Mode_methods);

	zval enum_case_Http_value;
	zend_string *enum_case_Http_value_str = zend_string_init("http", strlen("http"), 1);
	ZVAL_STR(&enum_case_Http_value, enum_case_Http_value_str);
	zend_enum_add_case_cstr(class_entry, "Http", &enum_case_Http_value);

	zval enum_case_Jobs_value;
	zend_string *enum_case_Jobs_value_str = zend_string_init("jobs", strlen("jobs"), 1);
	ZVAL_STR(&enum_case_Jobs_value, enum_case_Jobs_value_str);
	zend_enum_add_case_cstr(class_entry, "Jobs", &enum_case_Jobs_value);

	zval enum_case_Grpc_value;
	zend_string *enum_case_Grpc_value_str = zend_string_init("grpc", strlen("grpc"), 1);
	ZVAL_STR(&enum_case_Grpc_value, enum_case_Grpc_value_str);
	zend_enum_add_case_cstr(class_entry, "Grpc", &enum_case_Grpc_value);

	zval enum_case_Tcp_value;
	zend_string *enum_case_Tcp_value_str = zend_string_init("tcp", strlen("tcp"), 1);
	ZVAL_STR(&enum_case_Tcp_value, enum_case_Tcp_value_str);
	zend_enum_add_case_cstr(class_entry, "Tcp", &enum_case_Tcp_value);

	zval enum_case_Centrifuge_value;
	zend_string *enum_case_Centrifuge_value_str = zend_string_init("centrifuge", strlen("centrifuge"), 1);
	ZVAL_STR(&enum_case_Centrifuge_value, enum_case_Centrifuge_value_str);
	zend_enum_add_case_cstr(class_entry, "Centrifuge", &enum_case_Centrifuge_value);

	zval enum_case_Temporal_value;
	zend_string *enum_case_Temporal_value_str = zend_string_init("temporal", strlen("temporal"), 1);
	ZVAL_STR(&enum_case_Temporal_value, enum_case_Temporal_value_str);
	zend_enum_add_case_cstr(class_entry, "Temporal", &enum_case_Temporal_value);

	zval enum_case_Task_value;
	zend_string *enum_case_Task_value_str = zend_string_init("task", strlen("task"), 1);
	ZVAL_STR(&enum_case_Task_value, enum_case_Task_value_str);
	zend_enum_add_case_cstr(class_entry, "Task", &enum_case_Task_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Codec(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\Codec", IS_LONG, class_RrEmbed_Codec_methods);

	zval enum_case_Raw_value;
	ZVAL_LONG(&enum_case_Raw_value, 4);
	zend_enum_add_case_cstr(class_entry, "Raw", &enum_case_Raw_value);

	zval enum_case_Json_value;
	ZVAL_LONG(&enum_case_Json_value, 8);
	zend_enum_add_case_cstr(class_entry, "Json", &enum_case_Json_value);

	zval enum_case_Msgpack_value;
	ZVAL_LONG(&enum_case_Msgpack_value, 16);
	zend_enum_add_case_cstr(class_entry, "Msgpack", &enum_case_Msgpack_value);

	zval enum_case_Proto_value;
	ZVAL_LONG(&enum_case_Proto_value, 128);
	zend_enum_add_case_cstr(class_entry, "Proto", &enum_case_Proto_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_LogLevel(void)
{
	zend_class_entry *class_entry = zend_register_internal_enum("RrEmbed\\LogLevel", IS_LONG, class_RrEmbed_LogLevel_methods);

	zval enum_case_Debug_value;
	ZVAL_LONG(&enum_case_Debug_value, -4);
	zend_enum_add_case_cstr(class_entry, "Debug", &enum_case_Debug_value);

	zval enum_case_Info_value;
	ZVAL_LONG(&enum_case_Info_value, 0);
	zend_enum_add_case_cstr(class_entry, "Info", &enum_case_Info_value);

	zval enum_case_Warning_value;
	ZVAL_LONG(&enum_case_Warning_value, 4);
	zend_enum_add_case_cstr(class_entry, "Warning", &enum_case_Warning_value);

	zval enum_case_Error_value;
	ZVAL_LONG(&enum_case_Error_value, 8);
	zend_enum_add_case_cstr(class_entry, "Error", &enum_case_Error_value);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Payload(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Payload", class_RrEmbed_Payload_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_READONLY_CLASS;

	zval property_body_default_value;
	ZVAL_UNDEF(&property_body_default_value);
	zend_string *property_body_name = zend_string_init("body", sizeof("body") - 1, 1);
	zend_declare_typed_property(class_entry, property_body_name, &property_body_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_body_name);

	zval property_header_default_value;
	ZVAL_UNDEF(&property_header_default_value);
	zend_string *property_header_name = zend_string_init("header", sizeof("header") - 1, 1);
	zend_declare_typed_property(class_entry, property_header_name, &property_header_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_header_name);

	zval property_last_default_value;
	ZVAL_UNDEF(&property_last_default_value);
	zend_string *property_last_name = zend_string_init("last", sizeof("last") - 1, 1);
	zend_declare_typed_property(class_entry, property_last_name, &property_last_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_BOOL));
	zend_string_release(property_last_name);

	zval property_flags_default_value;
	ZVAL_UNDEF(&property_flags_default_value);
	zend_string *property_flags_name = zend_string_init("flags", sizeof("flags") - 1, 1);
	zend_declare_typed_property(class_entry, property_flags_name, &property_flags_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_flags_name);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Worker(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed", "Worker", class_RrEmbed_Worker_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_RrEmbedException(zend_class_entry *class_entry_Throwable)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "RrEmbedException", class_RrEmbed_Exception_RrEmbedException_methods);
	class_entry = zend_register_internal_interface(&ce);
	zend_class_implements(class_entry, 1, class_entry_Throwable);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_NotInServerException(zend_class_entry *class_entry_LogicException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "NotInServerException", class_RrEmbed_Exception_NotInServerException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_LogicException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_InvalidStateException(zend_class_entry *class_entry_LogicException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "InvalidStateException", class_RrEmbed_Exception_InvalidStateException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_LogicException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_UnsupportedException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "UnsupportedException", class_RrEmbed_Exception_UnsupportedException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_TransportException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "TransportException", class_RrEmbed_Exception_TransportException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_TimeoutException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "TimeoutException", class_RrEmbed_Exception_TimeoutException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_ClientDisconnectedException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "ClientDisconnectedException", class_RrEmbed_Exception_ClientDisconnectedException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Exception_ServiceException(zend_class_entry *class_entry_RuntimeException, zend_class_entry *class_entry_RrEmbed_Exception_RrEmbedException)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Exception", "ServiceException", class_RrEmbed_Exception_ServiceException_methods);
	class_entry = zend_register_internal_class_ex(&ce, class_entry_RuntimeException);
	zend_class_implements(class_entry, 1, class_entry_RrEmbed_Exception_RrEmbedException);

	zval property_method_default_value;
	ZVAL_UNDEF(&property_method_default_value);
	zend_string *property_method_name = zend_string_init("method", sizeof("method") - 1, 1);
	zend_declare_typed_property(class_entry, property_method_name, &property_method_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_method_name);

	zval property_serverMessage_default_value;
	ZVAL_UNDEF(&property_serverMessage_default_value);
	zend_string *property_serverMessage_name = zend_string_init("serverMessage", sizeof("serverMessage") - 1, 1);
	zend_declare_typed_property(class_entry, property_serverMessage_name, &property_serverMessage_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_serverMessage_name);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Http_Worker(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Http", "Worker", class_RrEmbed_Http_Worker_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Http_Request(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Http", "Request", class_RrEmbed_Http_Request_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	zval property_method_default_value;
	ZVAL_UNDEF(&property_method_default_value);
	zend_string *property_method_name = zend_string_init("method", sizeof("method") - 1, 1);
	zend_declare_typed_property(class_entry, property_method_name, &property_method_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_method_name);

	zval property_uri_default_value;
	ZVAL_UNDEF(&property_uri_default_value);
	zend_string *property_uri_name = zend_string_init("uri", sizeof("uri") - 1, 1);
	zend_declare_typed_property(class_entry, property_uri_name, &property_uri_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_uri_name);

	zval property_path_default_value;
	ZVAL_UNDEF(&property_path_default_value);
	zend_string *property_path_name = zend_string_init("path", sizeof("path") - 1, 1);
	zend_declare_typed_property(class_entry, property_path_name, &property_path_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_path_name);

	zval property_query_default_value;
	ZVAL_UNDEF(&property_query_default_value);
	zend_string *property_query_name = zend_string_init("query", sizeof("query") - 1, 1);
	zend_declare_typed_property(class_entry, property_query_name, &property_query_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_query_name);

	zval property_protocol_default_value;
	ZVAL_UNDEF(&property_protocol_default_value);
	zend_string *property_protocol_name = zend_string_init("protocol", sizeof("protocol") - 1, 1);
	zend_declare_typed_property(class_entry, property_protocol_name, &property_protocol_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_protocol_name);

	zval property_scheme_default_value;
	ZVAL_UNDEF(&property_scheme_default_value);
	zend_string *property_scheme_name = zend_string_init("scheme", sizeof("scheme") - 1, 1);
	zend_declare_typed_property(class_entry, property_scheme_name, &property_scheme_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_scheme_name);

	zval property_host_default_value;
	ZVAL_UNDEF(&property_host_default_value);
	zend_string *property_host_name = zend_string_init("host", sizeof("host") - 1, 1);
	zend_declare_typed_property(class_entry, property_host_name, &property_host_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_host_name);

	zval property_remoteAddr_default_value;
	ZVAL_UNDEF(&property_remoteAddr_default_value);
	zend_string *property_remoteAddr_name = zend_string_init("remoteAddr", sizeof("remoteAddr") - 1, 1);
	zend_declare_typed_property(class_entry, property_remoteAddr_name, &property_remoteAddr_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_remoteAddr_name);

	zval property_remotePort_default_value;
	ZVAL_UNDEF(&property_remotePort_default_value);
	zend_string *property_remotePort_name = zend_string_init("remotePort", sizeof("remotePort") - 1, 1);
	zend_declare_typed_property(class_entry, property_remotePort_name, &property_remotePort_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_remotePort_name);

	zval property_id_default_value;
	ZVAL_UNDEF(&property_id_default_value);
	zend_string *property_id_name = zend_string_init("id", sizeof("id") - 1, 1);
	zend_declare_typed_property(class_entry, property_id_name, &property_id_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_id_name);

	zval property_receivedAt_default_value;
	ZVAL_UNDEF(&property_receivedAt_default_value);
	zend_string *property_receivedAt_name = zend_string_init("receivedAt", sizeof("receivedAt") - 1, 1);
	zend_declare_typed_property(class_entry, property_receivedAt_name, &property_receivedAt_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_DOUBLE));
	zend_string_release(property_receivedAt_name);

	zval property_headers_default_value;
	ZVAL_UNDEF(&property_headers_default_value);
	zend_string *property_headers_name = zend_string_init("headers", sizeof("headers") - 1, 1);
	zend_declare_typed_property(class_entry, property_headers_name, &property_headers_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_headers_name);

	zval property_cookies_default_value;
	ZVAL_UNDEF(&property_cookies_default_value);
	zend_string *property_cookies_name = zend_string_init("cookies", sizeof("cookies") - 1, 1);
	zend_declare_typed_property(class_entry, property_cookies_name, &property_cookies_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_cookies_name);

	zval property_queryParams_default_value;
	ZVAL_UNDEF(&property_queryParams_default_value);
	zend_string *property_queryParams_name = zend_string_init("queryParams", sizeof("queryParams") - 1, 1);
	zend_declare_typed_property(class_entry, property_queryParams_name, &property_queryParams_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_queryParams_name);

	zval property_parsedBody_default_value;
	ZVAL_UNDEF(&property_parsedBody_default_value);
	zend_string *property_parsedBody_name = zend_string_init("parsedBody", sizeof("parsedBody") - 1, 1);
	zend_declare_typed_property(class_entry, property_parsedBody_name, &property_parsedBody_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_parsedBody_name);

	zval property_files_default_value;
	ZVAL_UNDEF(&property_files_default_value);
	zend_string *property_files_name = zend_string_init("files", sizeof("files") - 1, 1);
	zend_declare_typed_property(class_entry, property_files_name, &property_files_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_files_name);

	zval property_attributes_default_value;
	ZVAL_UNDEF(&property_attributes_default_value);
	zend_string *property_attributes_name = zend_string_init("attributes", sizeof("attributes") - 1, 1);
	zend_declare_typed_property(class_entry, property_attributes_name, &property_attributes_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_ARRAY));
	zend_string_release(property_attributes_name);

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Http_BodyWriter(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Http", "BodyWriter", class_RrEmbed_Http_BodyWriter_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_NO_DYNAMIC_PROPERTIES|ZEND_ACC_NOT_SERIALIZABLE;

	return class_entry;
}

static zend_class_entry *register_class_RrEmbed_Http_UploadedFile(void)
{
	zend_class_entry ce, *class_entry;

	INIT_NS_CLASS_ENTRY(ce, "RrEmbed\\Http", "UploadedFile", class_RrEmbed_Http_UploadedFile_methods);
	class_entry = zend_register_internal_class_ex(&ce, NULL);
	class_entry->ce_flags |= ZEND_ACC_FINAL|ZEND_ACC_READONLY_CLASS;

	zval property_clientName_default_value;
	ZVAL_UNDEF(&property_clientName_default_value);
	zend_string *property_clientName_name = zend_string_init("clientName", sizeof("clientName") - 1, 1);
	zend_declare_typed_property(class_entry, property_clientName_name, &property_clientName_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_clientName_name);

	zval property_clientType_default_value;
	ZVAL_UNDEF(&property_clientType_default_value);
	zend_string *property_clientType_name = zend_string_init("clientType", sizeof("clientType") - 1, 1);
	zend_declare_typed_property(class_entry, property_clientType_name, &property_clientType_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_clientType_name);

	zval property_path_default_value;
	ZVAL_UNDEF(&property_path_default_value);
	zend_string *property_path_name = zend_string_init("path", sizeof("path") - 1, 1);
	zend_declare_typed_property(class_entry, property_path_name, &property_path_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_STRING));
	zend_string_release(property_path_name);

	zval property_size_default_value;
	ZVAL_UNDEF(&property_size_default_value);
	zend_string *property_size_name = zend_string_init("size", sizeof("size") - 1, 1);
	zend_declare_typed_property(class_entry, property_size_name, &property_size_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_size_name);

	zval property_error_default_value;
	ZVAL_UNDEF(&property_error_default_value);
	zend_string *property_error_name = zend_string_init("error", sizeof("error") - 1, 1);
	zend_declare_typed_property(class_entry, property_error_name, &property_error_default_value, ZEND_ACC_PUBLIC|ZEND_ACC_READONLY, NULL, (zend_type) ZEND_TYPE_INIT_MASK(MAY_BE_LONG));
	zend_string_release(property_error_name);

	return class_entry;
}
